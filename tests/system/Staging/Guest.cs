using System.Diagnostics;
using System.Globalization;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A process that only is there: the owner of a namespace, or a guest in one.</summary>
internal sealed class Guest : IDisposable
{
    private readonly Process _process;
    private bool _isEnded;

    private Guest(Process process) => _process = process;

    /// <summary>A process in a namespace that somebody else keeps.</summary>
    public Guest(Place place)
        : this(place.Start("sleep", "1000"))
    {
    }

    public int Id => _process.Id;

    public string Reference => string.Create(CultureInfo.InvariantCulture, $"pid:{Id}");

    public string NamespacePath => string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/ns/net");

    /// <summary>A process that alone keeps its namespace.</summary>
    public static async Task<Guest> InNewNamespaceAsync()
    {
        var guest = new Guest(Tool.Start("unshare", ["--net", "sleep", "1000"]));
        var ours = new FileInfo("/proc/self/ns/net").LinkTarget;
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(5), () => new FileInfo(guest.NamespacePath).LinkTarget != ours, () => "unshare did not unshare");
        return guest;
    }

    public void Stop() => _ = Tool.Start("kill", ["-STOP", Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit(5000);

    public void Dispose()
    {
        if (_isEnded)
        {
            return;
        }

        _isEnded = true;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}

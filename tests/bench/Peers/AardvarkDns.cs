using System.Globalization;

namespace Networking.Bench;

/// <summary>Debian's aardvark-dns with one network's names, in a namespace of its own, asked by one of its containers' addresses.</summary>
internal sealed class AardvarkDns : IDisposable
{
    /// <summary>Where it answers.</summary>
    public const string Address = "10.99.0.1";

    /// <summary>Whose address asks: it answers only containers that it knows.</summary>
    public const string Asker = "10.99.9.1";

    private const string Program = "/usr/lib/podman/aardvark-dns";

    public AardvarkDns(Stage stage, IEnumerable<string> names)
    {
        Packages.Require(Program);
        Place = new HostNamespace("aardvark");
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(stage.Place, "aardvark")).FullName;
            File.WriteAllText(Path.Combine(folder, "bench"), $"{Address}\n{new string('a', 64)} {Asker}  {string.Join(',', names)}\n");
            foreach (var address in new[] { Address, Asker })
            {
                _ = Place.Ip("addr", "add", address + "/32", "dev", "lo");
            }

            // It goes into the background by itself, and says where.
            using (var starter = Command.Stay([.. Place.Prefix, Program, "--config", folder, "-p", "53", "run"], Path.Combine(stage.Place, "aardvark.log")))
            {
                var file = Path.Combine(folder, "aardvark.pid");
                Wait.Until(() => File.Exists(file) && File.ReadAllText(file).Trim().Length > 0, TimeSpan.FromSeconds(10), "aardvark-dns runs", stage.Stop);
                ProcessId = int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public HostNamespace Place { get; }

    public int ProcessId { get; private set; }

    public void Dispose()
    {
        if (ProcessId > 0)
        {
            Command.Try("kill", "-TERM", ProcessId.ToString(CultureInfo.InvariantCulture));
        }

        Place.Dispose();
    }
}

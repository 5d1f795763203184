using System.Security.Cryptography;
using System.Text;

namespace Networking.Simulation.Tests.Engine;

/// <summary>Everything that happened, as a hash, and the last of it as text.</summary>
internal sealed class Trace : IDisposable
{
    /// <summary>SIM_LINES=5000 for more of what led to a failure.</summary>
    private static readonly int LinesKept = int.TryParse(Environment.GetEnvironmentVariable("SIM_LINES"), out var lines) ? lines : 60;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Queue<string> _last = new();

    /// <summary>False where nobody compares what happened.</summary>
    public bool IsKept { get; set; } = true;

    public string Hash => Convert.ToHexString(_hash.GetCurrentHash());

    public string Last => string.Join('\n', _last);

    public void Add(TimeSpan at, FormattableString line)
    {
        if (IsKept)
        {
            Write(at, FormattableString.Invariant(line));
        }
    }

    public void Add(TimeSpan at, ReadOnlySpan<byte> bytes)
    {
        if (!IsKept)
        {
            return;
        }

        _hash.AppendData(BitConverter.GetBytes(at.Ticks));
        _hash.AppendData(bytes);
    }

    public void Dispose() => _hash.Dispose();

    private void Write(TimeSpan at, string line)
    {
        var text = $"{at.TotalSeconds,9:F3} {line}";
        _hash.AppendData(Encoding.UTF8.GetBytes(text));
        _last.Enqueue(text);
        if (_last.Count > LinesKept)
        {
            _ = _last.Dequeue();
        }
    }
}

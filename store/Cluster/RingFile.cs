using Networking.Model;

namespace Networking.Store;

/// <summary>
/// <c>ring.json</c> in the state directory, 0600: who owns which addresses of the cluster's pool, on the node that keeps it. On the disk before a
/// commit is answered. For one writer at a time.
/// </summary>
public sealed class RingFile(string stateDirectory)
{
    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.Combine(stateDirectory, "ring.json");

    /// <summary>What it says; null if there is none yet.</summary>
    /// <exception cref="StoreException">It cannot be read, is damaged, or of a later netd: says which and what to do.</exception>
    public RingRecord? Read() => ReplacedFile.Read(Path, ClusterJson.Default.RingRecord, (static r => r.Format, RingRecord.FormatNow), Damaged);

    /// <summary>Replaces it; on the disk when this returns.</summary>
    /// <exception cref="IOException">It could not be written; the old one is as it was.</exception>
    public void Write(RingRecord record) => ReplacedFile.Write(Path, record, ClusterJson.Default.RingRecord);

    /// <summary>What to say of it if what it holds makes no sense.</summary>
    public StoreException Damaged(string why) => new($"{Path}: is damaged: {why} Put a copy back: without it nobody knows who owns the addresses of the cluster's pool.");
}

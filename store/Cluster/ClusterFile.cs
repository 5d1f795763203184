using Networking.Model;

namespace Networking.Store;

/// <summary>
/// <c>cluster.json</c> in the state directory, 0600: a node's id, incarnation and keys. Apart from the database, because an incarnation
/// is written before anybody may hear of it, and because keys are read and replaced by people. Replaced whole: the new file is on the
/// disk before it takes the name of the old one. For one writer at a time.
/// </summary>
public sealed class ClusterFile(string stateDirectory)
{
    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.Combine(stateDirectory, "cluster.json");

    /// <summary>What it says; null if there is none yet.</summary>
    /// <exception cref="StoreException">It cannot be read, is damaged, or of a later netd: says which and what to do.</exception>
    public ClusterRecord? Read() => ReplacedFile.Read(Path, ClusterJson.Default.ClusterRecord, (static r => r.Format, ClusterRecord.FormatNow), Damaged);

    /// <summary>Replaces it; on the disk when this returns.</summary>
    /// <exception cref="IOException">It could not be written; the old one is as it was.</exception>
    public void Write(ClusterRecord record) => ReplacedFile.Write(Path, record, ClusterJson.Default.ClusterRecord);

    private StoreException Damaged(string why) =>
        new($"{Path}: is damaged: {why} Put a copy back; or remove it, and join as a new node with netctl cluster join.");
}

using System.Globalization;
using System.Security.Cryptography;
using Networking.Gossip;

namespace Networking.GossipNode;

/// <summary>Id and incarnation as a line of text.</summary>
internal sealed class StateFile(string path)
{
    public (NodeId Id, uint Incarnation) Read()
    {
        if (!File.Exists(path))
        {
            return (new NodeId(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)))), 0);
        }

        var words = File.ReadAllText(path).Split(' ');
        return (new NodeId(ulong.Parse(words[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)), uint.Parse(words[1], CultureInfo.InvariantCulture));
    }

    public void Write(NodeId id, uint incarnation)
    {
        File.WriteAllText(path + ".new", string.Create(CultureInfo.InvariantCulture, $"{id} {incarnation}"));
        File.Move(path + ".new", path, overwrite: true);
    }
}

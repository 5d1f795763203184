using System.Collections.Immutable;
using System.Security.Cryptography;
using Networking.Gossip.Wire;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Cluster;

/// <summary>The keyring of a record, and changes of it. Pure but for the drawing of keys.</summary>
internal static class ClusterRing
{
    private const int KeyBytes = 32;

    public static Secret Draw() => Secret.Of(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>What is wrong with a key as text; null if nothing.</summary>
    public static string? TryRead(string text, out Secret? key) => Secret.TryParse(text, out key) && GossipKey.Lengths.Contains(key!.AsSpan().Length)
        ? null
        : "the key is not 16 or 32 bytes as base64; on a member: netctl cluster keys ls --secrets --quiet";

    public static Keyring Of(ClusterRecord record) => new([.. record.Keys.Select(static k => new GossipKey(k.AsSpan()))], record.SealingKey);

    public static string TagOf(Secret key)
    {
        using var read = new GossipKey(key.AsSpan());
        return $"{read.Tag:x4}";
    }

    public static int IndexOf(ClusterRecord record, string tag)
    {
        for (var i = 0; i < record.Keys.Length; i++)
        {
            if (string.Equals(TagOf(record.Keys[i]), tag, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    public static ClusterRecord Without(ClusterRecord record, int index) => record with
    {
        Keys = record.Keys.RemoveAt(index),
        SealingKey = record.SealingKey > index ? record.SealingKey - 1 : record.SealingKey,
    };

    public static ImmutableArray<ClusterKeyDocument> Documents(ClusterRecord? record, bool withSecrets) => record is null
        ? []
        : [.. record.Keys.Select((k, i) => new ClusterKeyDocument { Tag = TagOf(k), IsSealing = i == record.SealingKey, Secret = withSecrets ? k.Reveal() : null })];
}

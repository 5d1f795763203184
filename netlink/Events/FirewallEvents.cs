using System.Text;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Watches transactions for our table. The kernel sends what a transaction changed, then one NEWGEN message that names
/// the process; so a transaction is judged when its end comes.
/// </summary>
internal sealed class FirewallEvents(Predicate<uint> isOwnPort, Action<KernelEvent> tell)
{
    private const int Subsystem = 10; // NFNL_SUBSYS_NFTABLES
    private const ushort NewGeneration = 15; // NFT_MSG_NEWGEN
    private const int HeaderBytes = 4; // struct nfgenmsg
    private const byte InetFamily = 1; // NFPROTO_INET
    private const ushort TableName = 1; // NFTA_TABLE_NAME and its likes for chains, rules, sets, elements and objects
    private const ushort ProcessId = 2; // NFTA_GEN_PROC_PID
    private const ushort ProcessName = 3; // NFTA_GEN_PROC_NAME

    private static readonly byte[] OurTable = Encoding.UTF8.GetBytes(Ownership.FirewallTable + '\0');

    private bool _isTouched;

    public void Take(ushort type, uint port, ReadOnlySpan<byte> body)
    {
        if (type >> 8 != Subsystem || body.Length < HeaderBytes)
        {
            return;
        }

        if ((type & 0xff) == NewGeneration)
        {
            if (_isTouched && !isOwnPort(port))
            {
                TellEnd(body[HeaderBytes..]);
            }

            _isTouched = false;
        }
        else if (!_isTouched && body[0] == InetFamily)
        {
            _isTouched = IsOurTable(body[HeaderBytes..]);
        }
    }

    private static bool IsOurTable(ReadOnlySpan<byte> attributes)
    {
        var reader = new AttributeReader(attributes);
        while (reader.MoveNext())
        {
            if (reader.Type == TableName)
            {
                return reader.Value.SequenceEqual(OurTable);
            }
        }

        return false;
    }

    private void TellEnd(ReadOnlySpan<byte> attributes)
    {
        int? process = null;
        string? name = null;
        var reader = new AttributeReader(attributes);
        while (reader.MoveNext())
        {
            switch (reader.Type)
            {
                case ProcessId:
                    process = (int)reader.GetUInt32BigEndian();
                    break;
                case ProcessName:
                    name = reader.GetString();
                    break;
            }
        }

        tell(new FirewallChanged(NetNs.Host, process, name));
    }
}

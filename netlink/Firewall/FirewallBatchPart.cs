using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>
/// Where an operation stands in a batch: the message counted from BATCH_BEGIN, and the byte within that message.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FirewallBatchPart(int Message, int Offset, int Operation);

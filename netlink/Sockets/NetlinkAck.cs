using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>The kernel's answer to one request.</summary>
/// <param name="Errno">Zero for done, else a positive errno.</param>
/// <param name="Text">The extended acknowledgement; null if there was none.</param>
/// <param name="Offset">Byte offset of the offending attribute in the request; negative if not given.</param>
public readonly record struct NetlinkAck(int Errno, string? Text, int Offset)
{
    /// <summary>Marks a request that was not answered yet.</summary>
    internal const int Unanswered = -1;

    /// <summary>True if the request was done.</summary>
    public bool IsDone => Errno == 0;

    /// <summary>The refusal as an error about an operation.</summary>
    public KernelError ToError(string operation) =>
        SystemCalls.ErrorOf(Errno, operation, Text, Offset < 0 ? null : Offset);
}

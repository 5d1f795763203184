namespace Networking.Netlink;

/// <summary>Bytes from the kernel (or pretending to be) that are not what their format says.</summary>
public sealed class WireFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    public WireFormatException()
    {
    }

    /// <summary>Creates the exception with a reason.</summary>
    public WireFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a reason and its cause.</summary>
    public WireFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception with the byte offset at which the format broke.</summary>
    public WireFormatException(int offset, string reason)
        : base($"at byte {offset}: {reason}") => Offset = offset;

    /// <summary>Byte offset at which the format broke.</summary>
    public int Offset { get; }
}

namespace Networking.TestSupport;

/// <summary>Whether the failure strikes before the operation was done or after, when only its answer is lost.</summary>
public enum FailureSide
{
    Before,
    After,
}

/// <summary>What happens at the chosen point.</summary>
public enum FailureMode
{
    /// <summary>The call throws once; everything goes on.</summary>
    Throw,

    /// <summary>The process is gone: this call and every later one never return, and no event comes any more.</summary>
    Crash,
}

/// <summary>A place at which the daemon may be struck: one side of one operation on the kernel or the store.</summary>
public sealed record FailurePoint(int Number, FailureSide Side, string What)
{
    public override string ToString() => $"{Number,4} {(Side == FailureSide.Before ? "before" : "after "),-6} {What}";
}

/// <summary>The failure that a test has asked for.</summary>
public sealed class FailurePointException : Exception
{
    public FailurePointException()
    {
    }

    public FailurePointException(string message)
        : base(message)
    {
    }

    public FailurePointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

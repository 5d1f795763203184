namespace Networking.Netlab.Hosts;

/// <summary>The lab itself broke, or a host did not do what every host must: no verdict about netd.</summary>
internal sealed class LabException : Exception
{
    public LabException()
    {
    }

    public LabException(string message)
        : base(message)
    {
    }

    public LabException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

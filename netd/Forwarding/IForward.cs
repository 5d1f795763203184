namespace Networking.Netd.Forwarding;

/// <summary>One forwarded port at work. Disposing it ends all of its connections or sessions, and then returns.</summary>
internal interface IForward : IAsyncDisposable
{
    /// <summary>Begins to take clients.</summary>
    void Start();
}

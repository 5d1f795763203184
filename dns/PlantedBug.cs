namespace Networking.Dns;

/// <summary>Mistakes that tests plant, to know that their checks would find them.</summary>
internal enum PlantedBug
{
    /// <summary>None: what runs outside of tests.</summary>
    None,

    /// <summary>A name stays after its endpoint has left.</summary>
    StaleName,

    /// <summary>Others are asked for what is one of ours.</summary>
    LeakedName,

    /// <summary>A network that the sandbox is not on is asked like its own.</summary>
    WrongNetwork,

    /// <summary>Nothing is ever forgotten to make room.</summary>
    UnboundedCache,
}

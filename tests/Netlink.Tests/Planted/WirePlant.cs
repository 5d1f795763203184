namespace Networking.Netlink.Tests.Planted;

/// <summary>Faults of an encoder or a socket that the tests of this project must find.</summary>
public enum WirePlant
{
    None,

    /// <summary>The length of a nest leaves out its last four bytes.</summary>
    NestTooShort,

    /// <summary>The length of an attribute counts its padding.</summary>
    PaddingCounted,

    /// <summary>The padding behind an attribute is what lay in the buffer before.</summary>
    PaddingDirty,

    /// <summary>A message does not ask for an acknowledgement (NLM_F_ACK).</summary>
    AcknowledgementNotAskedFor,

    /// <summary>A message carries the number of the one behind it.</summary>
    SequenceOffByOne,

    /// <summary>A port travels in host order.</summary>
    PortInHostOrder,

    /// <summary>A creation does not say that nothing may be there yet (NLM_F_EXCL).</summary>
    CreationNotExclusive,

    /// <summary>The last attribute of a message is left out.</summary>
    LastAttributeLost,
}

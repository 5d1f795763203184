namespace Networking.Netlink;

/// <summary>nlmsg_flags of netlink.h.</summary>
[Flags]
public enum NetlinkFlags : ushort
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>It is a request.</summary>
    Request = 0x1, // NLM_F_REQUEST

    /// <summary>One of several messages, ended by DONE.</summary>
    Multi = 0x2, // NLM_F_MULTI

    /// <summary>Answer with an acknowledgement.</summary>
    Ack = 0x4, // NLM_F_ACK

    /// <summary>Send the resulting notification to the requester too.</summary>
    Echo = 0x8, // NLM_F_ECHO

    /// <summary>The dump was interrupted by a change and is inconsistent.</summary>
    DumpInterrupted = 0x10, // NLM_F_DUMP_INTR

    /// <summary>Return all objects.</summary>
    Dump = 0x300, // NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH

    /// <summary>Replace an existing object.</summary>
    Replace = 0x100, // NLM_F_REPLACE

    /// <summary>Fail if it exists.</summary>
    Exclusive = 0x200, // NLM_F_EXCL

    /// <summary>Create it if it does not exist.</summary>
    Create = 0x400, // NLM_F_CREATE

    /// <summary>Append to the list.</summary>
    Append = 0x800, // NLM_F_APPEND

    /// <summary>In an acknowledgement: the request is not repeated in full.</summary>
    Capped = 0x100, // NLM_F_CAPPED

    /// <summary>In an acknowledgement: attributes with details follow.</summary>
    AckAttributes = 0x200, // NLM_F_ACK_TLVS
}

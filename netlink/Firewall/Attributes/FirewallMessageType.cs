namespace Networking.Netlink;

/// <summary>NFT_MSG_* of nf_tables.h, as far as they are used here.</summary>
public enum FirewallMessageType : byte
{
    /// <summary>NFT_MSG_NEWTABLE.</summary>
    NewTable = 0, // NFT_MSG_NEWTABLE

    /// <summary>NFT_MSG_GETTABLE.</summary>
    GetTable = 1, // NFT_MSG_GETTABLE

    /// <summary>NFT_MSG_DELTABLE.</summary>
    DeleteTable = 2, // NFT_MSG_DELTABLE

    /// <summary>NFT_MSG_NEWCHAIN.</summary>
    NewChain = 3, // NFT_MSG_NEWCHAIN

    /// <summary>NFT_MSG_GETCHAIN.</summary>
    GetChain = 4, // NFT_MSG_GETCHAIN

    /// <summary>NFT_MSG_DELCHAIN.</summary>
    DeleteChain = 5, // NFT_MSG_DELCHAIN

    /// <summary>NFT_MSG_NEWRULE.</summary>
    NewRule = 6, // NFT_MSG_NEWRULE

    /// <summary>NFT_MSG_GETRULE.</summary>
    GetRule = 7, // NFT_MSG_GETRULE

    /// <summary>NFT_MSG_DELRULE.</summary>
    DeleteRule = 8, // NFT_MSG_DELRULE

    /// <summary>NFT_MSG_NEWSET.</summary>
    NewSet = 9, // NFT_MSG_NEWSET

    /// <summary>NFT_MSG_GETSET.</summary>
    GetSet = 10, // NFT_MSG_GETSET

    /// <summary>NFT_MSG_DELSET.</summary>
    DeleteSet = 11, // NFT_MSG_DELSET

    /// <summary>NFT_MSG_NEWSETELEM.</summary>
    NewSetElement = 12, // NFT_MSG_NEWSETELEM

    /// <summary>NFT_MSG_GETSETELEM.</summary>
    GetSetElement = 13, // NFT_MSG_GETSETELEM

    /// <summary>NFT_MSG_DELSETELEM.</summary>
    DeleteSetElement = 14, // NFT_MSG_DELSETELEM

    /// <summary>NFT_MSG_NEWGEN.</summary>
    NewGeneration = 15, // NFT_MSG_NEWGEN

    /// <summary>NFT_MSG_GETGEN.</summary>
    GetGeneration = 16, // NFT_MSG_GETGEN

    /// <summary>NFT_MSG_NEWOBJ.</summary>
    NewObject = 18, // NFT_MSG_NEWOBJ

    /// <summary>NFT_MSG_DELOBJ.</summary>
    DeleteObject = 20, // NFT_MSG_DELOBJ

    /// <summary>NFT_MSG_NEWFLOWTABLE.</summary>
    NewFlowtable = 22, // NFT_MSG_NEWFLOWTABLE

    /// <summary>NFT_MSG_DELFLOWTABLE.</summary>
    DeleteFlowtable = 24, // NFT_MSG_DELFLOWTABLE

    /// <summary>NFT_MSG_DESTROYTABLE.</summary>
    DestroyTable = 26, // NFT_MSG_DESTROYTABLE

    /// <summary>NFT_MSG_DESTROYCHAIN.</summary>
    DestroyChain = 27, // NFT_MSG_DESTROYCHAIN

    /// <summary>NFT_MSG_DESTROYRULE.</summary>
    DestroyRule = 28, // NFT_MSG_DESTROYRULE

    /// <summary>NFT_MSG_DESTROYSET.</summary>
    DestroySet = 29, // NFT_MSG_DESTROYSET

    /// <summary>NFT_MSG_DESTROYSETELEM.</summary>
    DestroySetElement = 30, // NFT_MSG_DESTROYSETELEM
}

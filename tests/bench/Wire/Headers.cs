using System.Runtime.InteropServices;

namespace Networking.Bench;

/// <summary>struct ifinfomsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BareLink
{
    public byte Family;
    public byte Padding;
    public ushort Type;
    public int Index;
    public uint Flags;
    public uint Change;
}

/// <summary>struct ifaddrmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BareAddress
{
    public byte Family;
    public byte PrefixLength;
    public byte Flags;
    public byte Scope;
    public int Index;
}

/// <summary>struct rtmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BareRoute
{
    public byte Family;
    public byte DestinationLength;
    public byte SourceLength;
    public byte Tos;
    public byte Table;
    public byte Protocol;
    public byte Scope;
    public byte Type;
    public uint Flags;
}

/// <summary>struct nfgenmsg; the resource is in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BareNetfilter
{
    public byte Family;
    public byte Version;
    public ushort Resource;
}

/// <summary>A port of the host and where it leads; the protocol by its IANA number.</summary>
internal readonly record struct BarePort(byte Protocol, int HostPort, int TargetPort);

using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Networking.Netlink.Tests")]
[assembly: InternalsVisibleTo("Networking.NetnsFirewall.Tests")]

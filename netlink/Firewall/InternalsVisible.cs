using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Networking.Netlink.Tests")]

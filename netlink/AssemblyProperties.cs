using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Networking.Netlink.Tests")]
[assembly: InternalsVisibleTo("Networking.Netns.Tests")]
[assembly: InternalsVisibleTo("Networking.Bench")]
[assembly: InternalsVisibleTo("Networking.Fuzz.Tests")]

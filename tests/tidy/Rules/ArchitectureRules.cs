using System.Text.RegularExpressions;
using System.Xml.Linq;
using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>Who may reference whom, and which room may do what.</summary>
internal static partial class ArchitectureRules
{
    private const string EmptyProject = "<Project Sdk=\"Microsoft.NET.Sdk\" />";

    public static IEnumerable<TidyRule> All =>
    [
        ReferenceArrows, EveryProjectInSolution, InteropRooms, LibcOnlyInNetlink, KernelWritesOnlyByReconciler,
        ProcessesOnlyByNetctl, PureRooms, PureRoomsAreBanned, RoomReadmes,
    ];

    private static TidyRule ReferenceArrows => new("Rooms reference only the rooms their arrows lead to", static tree =>
        tree.Projects.Where(static p => p.Room != "tests").SelectMany(static project =>
        {
            if (Rooms.Find(project.Room) is not { } room)
            {
                return [new Finding(project.Path, 1, $"the folder '{project.Room}' is not a room; add it to tests/tidy/Source/Rooms.cs and docs/architecture.md, or move the project")];
            }

            return ReferencedRooms(project)
                .Where(r => !room.References.Contains(r.Target))
                .Select(r => new Finding(project.Path, r.Line, $"{room.Name} must not reference {r.Target}; it may reference {Listed(room)}. If it needs something, add it to the view"));
        }))
    {
        Plants =
        [
            Plant.One("drivers/Networking.Drivers.csproj", "<Project><ItemGroup>\n<ProjectReference Include=\"../netlink/Networking.Netlink.csproj\" />\n</ItemGroup></Project>"),
            Plant.One("netd/Networking.Netd.csproj", "<Project><ItemGroup><ProjectReference Include='..\\netctl\\Networking.Netctl.csproj' /></ItemGroup></Project>"),
            Plant.One("model/Networking.Model.csproj", "<Project><ItemGroup><ProjectReference Include=\"../tests/bench/Networking.Bench.csproj\" /></ItemGroup></Project>"),
            Plant.One("helpers/Networking.Helpers.csproj", EmptyProject),
        ],
        Harmless =
        [
            Plant.One("kernel/Networking.Kernel.csproj", "<Project><ItemGroup><ProjectReference Include=\"../model/Networking.Model.csproj\" /></ItemGroup></Project>"),
            Plant.One("tests/Netd.Tests/Networking.Netd.Tests.csproj", "<Project><ItemGroup><ProjectReference Include=\"../../netctl/Networking.Netctl.csproj\" /></ItemGroup></Project>"),
        ],
    };

    private static TidyRule EveryProjectInSolution => new("Every project is in Networking.sln", static tree =>
    {
        var solution = tree.Find("Networking.sln")?.Text.Replace('\\', '/') ?? string.Empty;
        return tree.Projects
            .Where(p => !solution.Contains($"\"{p.Path}\"", StringComparison.Ordinal))
            .Select(static p => new Finding(p.Path, 1, $"not in Networking.sln, so nothing builds or tests it: dotnet sln Networking.sln add {p.Path}"));
    })
    {
        Plants = [Plant.Many(("Networking.sln", "\"tests\\Old\\Old.csproj\""), ("tests/New/New.csproj", EmptyProject))],
        Harmless = [Plant.Many(("Networking.sln", "= \"New\", \"tests\\New\\New.csproj\", \"{1}\""), ("tests/New/New.csproj", EmptyProject))],
    };

    private static TidyRule InteropRooms => new("Unsafe code and P/Invoke live in netlink, store and cni alone", static tree =>
    {
        const string Why = "native code is called from netlink, store and cni only; put the call behind a type there";
        var rooms = tree.Files.Where(static f => Rooms.Find(f.Room) is { HasInterop: false }).ToList();
        var projects = rooms.Where(static f => f.IsProject).SelectMany(f => Search.InText(f, UnsafeBlocks(), Why));
        var code = rooms.Where(static f => f.IsCSharp).SelectMany(f => Search.InCode(f, Interop(), Why));
        return projects.Concat(code);
    })
    {
        Plants =
        [
            Plant.One("drivers/Networking.Drivers.csproj", "<Project><AllowUnsafeBlocks>true</AllowUnsafeBlocks></Project>"),
            Plant.One("netd/Libc.cs", "[LibraryImport(\"libc\")]\ninternal static partial int getpid();"),
            Plant.One("netctl/Libc.cs", "[DllImport(\"libc\")]\nstatic extern int getpid();"),
            Plant.One("kernel/Fast.cs", "internal static unsafe class Fast;"),
        ],
        Harmless =
        [
            Plant.One("netlink/Libc.cs", "[LibraryImport(\"libc\")]\ninternal static partial int getpid();"),
            Plant.One("kernel/Doc.cs", "// nothing unsafe here\nclass Doc { string s = \"DllImport\"; }"),
        ],
    };

    private static TidyRule LibcOnlyInNetlink => new("libc is called from netlink alone, but for files and relays, and no other room opens raw sockets", static tree =>
    {
        var imports = tree.Files.Where(static f => f.IsProductionCode && f.Room != "netlink").SelectMany(static f => LibcImport().Matches(f.Text)
            .Where(m => !LibcAllowed(f.Room).Contains(m.Groups["entry"].Success ? m.Groups["entry"].Value : m.Groups["method"].Value))
            .Select(m => new Finding(f.Path, f.LineOf(m.Index), $"the kernel is written by netlink only; {f.Room} may call of libc: {string.Join(", ", LibcAllowed(f.Room).DefaultIfEmpty("nothing"))}")));
        var sockets = tree.Files.Where(static f => f.IsProductionCode && f.Room != "netlink")
            .SelectMany(static f => Search.InCode(f, RawSocket(), "packet, raw and netlink sockets belong to netlink"));
        var sysctls = tree.Files.Where(static f => f.IsProductionCode && f.Room != "netlink")
            .SelectMany(static f => Search.InText(f, SysctlWrite(), "a sysctl is a SysctlState in a plan, written by the reconciler"));
        return imports.Concat(sockets).Concat(sysctls);
    })
    {
        Plants =
        [
            Plant.One("store/Libc.cs", "[LibraryImport(\"libc\", SetLastError = true)]\ninternal static partial int mount();"),
            Plant.One("store/Libc.cs", "[LibraryImport(\"libc\", EntryPoint = \"sendmsg\", SetLastError = true)]\ninternal static partial int fsync(int fd);"),
            Plant.One("cni/Libc.cs", "[DllImport(\"libc.so.6\")]\nstatic extern nint sendmsg(int fd);"),
            Plant.One("netd/Raw.cs", "var s = new Socket(AddressFamily.Packet, SocketType.Raw, 0);"),
            Plant.One("netd/Forwarding.cs", "File.WriteAllText(\"/proc/sys/net/ipv4/ip_forward\", \"1\");"),
        ],
        Harmless =
        [
            Plant.One("store/Lock.cs", "[LibraryImport(\"libc\", EntryPoint = \"flock\", SetLastError = true)]\ninternal static partial int Flock(SafeFileHandle file, int operation);"),
            Plant.One("cni/Libc.cs", "[LibraryImport(\"libc\")]\ninternal static partial nint read(int fd);"),
            Plant.One("store/Sqlite.cs", "[LibraryImport(\"libsqlite3.so.0\")] static partial int sqlite3_close_v2();"),
            Plant.One("netd/Boot.cs", "File.ReadAllText(\"/proc/sys/kernel/random/boot_id\");"),
        ],
    };

    private static TidyRule KernelWritesOnlyByReconciler => new("Only the kernel room's reconciler applies plans", static tree =>
        tree.Files.Where(static f => f.IsProductionCode && f.Room is not "kernel" and not "netlink")
            .SelectMany(static f => Search.InCode(f, KernelWrite(), "the reconciler is the only writer; change the desired state and let it plan")))
    {
        Plants = [Plant.One("netd/Quick.cs", "await _kernel.ApplyAsync(batch, token);"), Plant.One("netd/Say.cs", "await kernel.PerformAsync(t, token);")],
        Harmless = [Plant.One("kernel/Reconciler.cs", "await _kernel.ApplyAsync(batch, token);")],
    };

    private static TidyRule ProcessesOnlyByNetctl => new("No process is forked, but by netctl sandbox exec, the adapter to iptables, and the lab", static tree =>
    {
        // Legacy iptables has no other way in that keeps its lock: the one place that starts a program is a file of its own.
        const string Adapter = "netlink/Iptables/ProgramRun.cs";
        const string Why = "netd does its work by system calls; only netctl runs a command, the user's own, and netlink/Iptables/ProgramRun.cs those of iptables; the lab is made of them";
        var managed = tree.Files.Where(static f => f.IsProductionCode && f.Room is not "netctl" and not "netlab-vagrant" && f.Path != Adapter)
            .SelectMany(static f => Search.InCode(f, ProcessStart(), Why));
        var native = tree.Files.Where(static f => f.IsProductionCode)
            .SelectMany(static f => Search.InCode(f, NativeFork(), Why));
        return managed.Concat(native);
    })
    {
        Plants =
        [
            Plant.One("netd/Shell.cs", "using var p = Process.Start(\"ip\", \"link\");"),
            Plant.One("netlink/Shell.cs", "var start = new ProcessStartInfo(\"nft\");"),
            Plant.One("netlink/Libc.cs", "internal static partial int execve(byte* path);"),
        ],
        Harmless =
        [
            Plant.One("netctl/SandboxExec.cs", "Process.Start(new ProcessStartInfo(command));"),
            Plant.One("netlink/Iptables/ProgramRun.cs", "Process.Start(new ProcessStartInfo(program));"),
            Plant.One("netlab-vagrant/Tool.cs", "Process.Start(new ProcessStartInfo(command));"),
        ],
    };

    private static TidyRule PureRooms => new("Pure rooms touch no file, socket, process, console or clock", static tree =>
        tree.CSharp.Where(static f => Rooms.Find(f.Room) is { IsPure: true })
            .SelectMany(static f => Search.InCode(f, Impure(), "pure rooms get values and return values; add what is missing to the view")))
    {
        Plants =
        [
            Plant.One("drivers/Peek.cs", "var text = File.ReadAllText(path);"),
            Plant.One("ipam/Talk.cs", "using var socket = new Socket(family, type, protocol);"),
            Plant.One("lb/Run.cs", "var me = Process.GetCurrentProcess();"),
            Plant.One("kernel/Clock.cs", "var now = DateTime.UtcNow;"),
        ],
        Harmless = [Plant.One("model/Owner.cs", "using System.Net.Sockets;\n/// A Socket or File.Open here is prose.\nenum Owner { Process }\nvar x = Owner.Process;")],
    };

    private static TidyRule PureRoomsAreBanned => new("The compiler bans I/O in every pure room that has a project", static tree =>
    {
        var props = tree.Find("Directory.Build.props");
        return tree.Projects.Where(static p => Rooms.Find(p.Room) is { IsPure: true })
            .Select(static p => Path.GetFileNameWithoutExtension(p.Path))
            .Where(name => props is null || !props.Text.Contains($"'$(MSBuildProjectName)' == '{name}'", StringComparison.Ordinal))
            .Select(static name => new Finding("Directory.Build.props", 1, $"{name} is a pure room but not in IsPureRoom, so BannedSymbols.txt does not hold there"));
    })
    {
        Plants = [Plant.Many(("Directory.Build.props", "<IsPureRoom>false</IsPureRoom>"), ("lb/Networking.Lb.csproj", EmptyProject))],
        Harmless = [Plant.Many(("Directory.Build.props", "Condition=\"'$(MSBuildProjectName)' == 'Networking.Lb'\""), ("lb/Networking.Lb.csproj", EmptyProject))],
    };

    private static TidyRule RoomReadmes => new("Every room has a README.md", static tree =>
        Rooms.All.Select(static r => r.Name).Append("tests")
            .Where(room => tree.Find($"{room}/README.md") is not { Text.Length: > 100 })
            .Select(static room => new Finding($"{room}/README.md", 1, "a room says what it owns, what it never does, its main types, and how to test it alone")))
    {
        Plants = [Plant.One("model/README.md", "# model")],
    };

    private static IEnumerable<(string Target, int Line)> ReferencedRooms(SourceFile project) =>
        XDocument.Parse(project.Text, LoadOptions.SetLineInfo)
            .Descendants().Where(static e => e.Name.LocalName == "ProjectReference")
            .Select(e =>
            {
                var include = e.Attribute("Include")?.Value.Replace('\\', '/') ?? string.Empty;
                var path = Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(project.Path)!, include))); // never null: a project has a folder
                return (path[..Math.Max(0, path.IndexOf('/', StringComparison.Ordinal))], ((System.Xml.IXmlLineInfo)e).LineNumber);
            });

    /// <summary>A store locks and syncs its files; the relay of CNI copies between its standard streams and netd's socket.</summary>
    private static string[] LibcAllowed(string room) => room switch
    {
        "store" => ["open", "flock", "fsync"],
        "cni" => ["read", "write", "socket", "connect", "close"],
        _ => [],
    };

    private static string Listed(Room room) => room.References.IsEmpty ? "nothing" : string.Join(", ", room.References);

    [GeneratedRegex("AllowUnsafeBlocks")]
    private static partial Regex UnsafeBlocks();

    [GeneratedRegex(@"\b(?:LibraryImport|DllImport|unsafe)\b")]
    private static partial Regex Interop();

    [GeneratedRegex(@"(?:LibraryImport|DllImport)\s*\(\s*""libc(?:\.so[.\d]*)?""(?:[^)\]]*EntryPoint\s*=\s*""(?<entry>\w+)"")?[^\]]*\](?:\s*\[[^\]]*\])*[^;(]*?(?<method>\w+)\s*\(")]
    private static partial Regex LibcImport();

    [GeneratedRegex(@"\bAddressFamily\.(?:Packet|Netlink|Unknown)\b|\bSocketType\.Raw\b|\bProtocolType\.(?:Raw|Icmp|IcmpV6)\b|\bSafeSocketHandle\b")]
    private static partial Regex RawSocket();

    [GeneratedRegex(@"(?:Write|OpenWrite|Append|Create)\w*\s*\([^;\n]*""/proc/sys/")]
    private static partial Regex SysctlWrite();

    [GeneratedRegex(@"\b_?\w*[kK]ernel\s*\.\s*(?:ApplyAsync|PerformAsync)\b")]
    private static partial Regex KernelWrite();

    [GeneratedRegex(@"\bProcess\s*\.\s*Start\b|\bProcessStartInfo\b|\bnew\s+Process\b")]
    private static partial Regex ProcessStart();

    [GeneratedRegex(@"\b(?:execve|execv|execvp|fork|vfork|posix_spawnp?)\s*\(")]
    private static partial Regex NativeFork();

    [GeneratedRegex(@"\b(?:File|Directory)\s*\.\s*[A-Z]\w*|\b(?:FileStream|FileInfo|DirectoryInfo|StreamWriter|StreamReader|Socket|UdpClient|TcpClient|TcpListener|NetworkStream|ProcessStartInfo|HttpClient)\b|\b(?:new\s+Process|Process\s*\.\s*(?:Start|GetCurrentProcess|GetProcess\w*))\b|\bConsole\s*\.|\bDateTime(?:Offset)?\s*\.\s*(?:UtcNow|Now)\b|\bThread\s*\.\s*Sleep\b|\bRandom\s*\.\s*Shared\b|\bGuid\s*\.\s*NewGuid\b|\bEnvironment\s*\.\s*(?:GetEnvironmentVariable|Exit|TickCount\w*)\b")]
    private static partial Regex Impure();
}

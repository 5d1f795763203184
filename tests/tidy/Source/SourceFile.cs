namespace Networking.Tidy.Tests.Source;

/// <summary>A tracked file with its text, and for C# also with comments and literals blanked out.</summary>
public sealed class SourceFile
{
    private readonly Lazy<string> _code;

    public SourceFile(string path, string text, bool isExecutable = false)
    {
        Path = path;
        Text = text;
        IsExecutable = isExecutable;
        Lines = text.Split('\n');
        _code = new Lazy<string>(() => CSharpText.Blank(text));
    }

    /// <summary>Path from the root of the repository, with slashes.</summary>
    public string Path { get; }

    /// <summary>The text as it stands.</summary>
    public string Text { get; }

    /// <summary>The text as lines, without line ends.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Whether its owner may execute it.</summary>
    public bool IsExecutable { get; }

    /// <summary>The text with comments, strings and characters replaced by spaces; line numbers stay.</summary>
    public string Code => _code.Value;

    /// <summary>The first folder of the path; empty at the root.</summary>
    public string Room => Path.Contains('/', StringComparison.Ordinal) ? Path[..Path.IndexOf('/', StringComparison.Ordinal)] : string.Empty;

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsProject => Path.EndsWith(".csproj", StringComparison.Ordinal);

    /// <summary>C# of a room that ships: rules on tests are laxer, they hold no promise to a user.</summary>
    public bool IsProductionCode => IsCSharp && Rooms.Find(Room) is not null;

    /// <summary>Written by a tool, so nobody reads or edits it by hand.</summary>
    public bool IsGenerated =>
        Name is "packages.lock.json" or "Networking.sln" or "openapi.json"
        || Path.Contains("/goldens/", StringComparison.Ordinal)
        || Path.EndsWith(".g.cs", StringComparison.Ordinal)
        || Lines.Take(5).Any(static l => l.Contains("<auto-" + "generated", StringComparison.Ordinal));

    /// <summary>The number, from 1, of the line that holds this offset.</summary>
    public int LineOf(int offset) => Text.AsSpan(0, offset).Count('\n') + 1;

    public override string ToString() => Path;
}

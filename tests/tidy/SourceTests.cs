using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests;

/// <summary>The two cheap readers of C# that the rules stand on.</summary>
public sealed class SourceTests
{
    [Theory]
    [InlineData("a // b", "a     ")]
    [InlineData("a /* b */ c", "a         c")]
    [InlineData("f(\"b\\\"c\");", "f(      );")]
    [InlineData("f(@\"b\"\"c\\\");", "f(        );")]
    [InlineData("f($\"{(a ? \"x\" : \"}\")} y\") + z", "f(                      ) + z")]
    [InlineData("f($\"{{ {a} }}\") + z", "f(            ) + z")]
    [InlineData("f(\"\"\"a\"b\"\"\") + z", "f(         ) + z")]
    [InlineData("c == '\"' ? a : '\\'' ", "c ==     ? a :      ")]
    [InlineData("@class = '\\u0041';", "@class =         ;")]
    [InlineData("a /* open", "a        ")]
    public void Comments_and_literals_are_blanked(string text, string blanked) =>
        Assert.Equal(blanked, CSharpText.Blank(text));

    [Fact]
    public void Functions_are_found_with_their_lines()
    {
        const string Text = """
            public sealed class A(int x)
            {
                private readonly List<int> _x = new() { 1 };

                public A() : this(1)
                {
                }

                private static async Task<T[]> GoAsync<T>(
                    int a, string b = "{")
                {
                    if (a > 0)
                    {
                        foreach (var c in b) { Use(c, () => { }); }
                    }
                    else if (a < 0) { }
                }

                public static int Of(Kind kind) => kind switch
                {
                    Kind.A => 1,
                    _ => 2,
                };
            }
            """;

        var functions = CSharpFunctions.In(new SourceFile("a.cs", Text)).Select(static f => (f.Name, f.FirstLine, f.LastLine));

        Assert.Equal([("A", 5, 7), ("GoAsync", 9, 17), ("Of", 19, 23)], functions);
    }
}

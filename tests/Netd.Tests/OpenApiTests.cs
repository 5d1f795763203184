using System.Runtime.CompilerServices;
using System.Text.Json;
using Networking.Model.Api;
using Networking.Netd.Api;

namespace Networking.Netd.Tests;

public sealed class OpenApiTests
{
    [Fact]
    public void The_committed_document_is_what_the_routes_and_documents_say()
    {
        var path = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "docs", "openapi.json");
        var generated = OpenApiDocument.Generate();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, generated);
        }

        Assert.Equal(generated, File.ReadAllText(path));
    }

    [Fact]
    public void Every_route_is_described_with_its_answer()
    {
        using var document = JsonDocument.Parse(OpenApiDocument.Generate());
        foreach (var route in ApiRoutes.All)
        {
            var operation = document.RootElement.GetProperty("paths").GetProperty(route.Path).GetProperty(route.Method.ToLowerInvariant());
            Assert.Equal(route.Summary, operation.GetProperty("summary").GetString());
            Assert.True(operation.GetProperty("responses").EnumerateObject().First().Value.TryGetProperty("content", out _));
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

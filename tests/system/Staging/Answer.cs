using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model.Api;

namespace Networking.Daemon.Tests.Staging;

/// <summary>An answer of the API.</summary>
/// <param name="Request">Method and path, for messages.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Text">Body.</param>
internal sealed record Answer(string Request, int Status, string Text)
{
    /// <summary>The methods of the header of that name.</summary>
    public string? Allow { get; init; }

    public bool IsDone => Status is >= 200 and < 300;

    public T As<T>(JsonTypeInfo<T> type)
    {
        Assert.True(IsDone, ToString());
        return JsonSerializer.Deserialize(Text, type) ?? throw new InvalidDataException(ToString());
    }

    /// <summary>A change that is done in the kernel, not only granted.</summary>
    public ChangeDocument Change()
    {
        var change = As(ApiJson.Default.ChangeDocument);
        Assert.True(change.Status is null or { State: "done" }, ToString());
        return change;
    }

    /// <summary>The error of a refused request.</summary>
    public ErrorDocument Refused(int status)
    {
        Assert.True(status == Status, $"expected {status}: {this}");
        var error = JsonSerializer.Deserialize(Text, ApiJson.Default.ErrorDocument);
        Assert.NotNull(error);
        Assert.NotEmpty(error.Code);
        Assert.NotEmpty(error.Message);
        return error;
    }

    public override string ToString() => $"{Request}: {Status} {Text}";
}

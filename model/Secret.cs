using System.Security.Cryptography;

namespace Networking.Model;

/// <summary>Bytes that no log, error or document shows by accident. Equal by value, compared in constant time.</summary>
public sealed class Secret : IEquatable<Secret>
{
    private readonly byte[] _bytes;

    private Secret(byte[] bytes) => _bytes = bytes;

    /// <summary>Takes a copy.</summary>
    public static Secret Of(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> AsSpan() => _bytes;

    /// <summary>Reads base64; false if it is none.</summary>
    public static bool TryParse(string? text, out Secret? secret)
    {
        var bytes = new byte[(text?.Length ?? 0) + 3];
        var isRead = Convert.TryFromBase64String(text?.Trim() ?? string.Empty, bytes, out var length) && length > 0;
        secret = isRead ? Of(bytes.AsSpan(0, length)) : null;
        return isRead;
    }

    /// <summary>As base64: for a file only its owner reads, or for who asks for it by name.</summary>
    public string Reveal() => Convert.ToBase64String(_bytes);

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => _bytes.Length;

    /// <summary>Hides it.</summary>
    public override string ToString() => "(secret)";
}

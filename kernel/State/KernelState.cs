using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>A set of kernel objects as a value, ordered by key: desired by a driver, or observed.</summary>
public sealed class KernelState : IEquatable<KernelState>
{
    private readonly ImmutableSortedDictionary<ObjectKey, KernelObject> _objects;

    private KernelState(ImmutableSortedDictionary<ObjectKey, KernelObject> objects) => _objects = objects;

    /// <summary>Nothing.</summary>
    public static KernelState Empty { get; } = new(ImmutableSortedDictionary<ObjectKey, KernelObject>.Empty);

    /// <summary>The objects in key order.</summary>
    public IEnumerable<KernelObject> Objects => _objects.Values;

    /// <summary>The keys in order.</summary>
    public IEnumerable<ObjectKey> Keys => _objects.Keys;

    /// <summary>How many objects.</summary>
    public int Count => _objects.Count;

    /// <summary>The object with this key, or null.</summary>
    public KernelObject? this[ObjectKey key] => _objects.GetValueOrDefault(key);

    /// <summary>A state of these objects; two of one key break an invariant.</summary>
    public static KernelState Of(params IEnumerable<KernelObject> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        var builder = ImmutableSortedDictionary.CreateBuilder<ObjectKey, KernelObject>();
        foreach (var item in objects)
        {
            Invariant.Check(builder.TryAdd(item.Key, item), $"two objects with the key {item.Key}");
        }

        return builder.Count == 0 ? Empty : new KernelState(builder.ToImmutable());
    }

    /// <summary>True if the key is there.</summary>
    public bool Contains(ObjectKey key) => _objects.ContainsKey(key);

    /// <summary>With this object, replacing one of its key.</summary>
    public KernelState With(KernelObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new KernelState(_objects.SetItem(item.Key, item));
    }

    /// <summary>Without the object of this key; absence is fine.</summary>
    public KernelState Without(ObjectKey key) => new(_objects.Remove(key));

    /// <summary>Without the objects of these keys; absence is fine.</summary>
    public KernelState Without(IReadOnlyCollection<ObjectKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return keys.Count == 0 ? this : new KernelState(_objects.RemoveRange(keys));
    }

    /// <summary>Same keys and equal objects.</summary>
    public bool Equals(KernelState? other) =>
        other is not null && (ReferenceEquals(this, other)
            || (_objects.Count == other._objects.Count && _objects.Values.SequenceEqual(other._objects.Values)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KernelState);

    /// <inheritdoc/>
    public override int GetHashCode() => _objects.Count;
}

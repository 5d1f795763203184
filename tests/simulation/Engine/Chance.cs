namespace Networking.Simulation.Tests.Engine;

/// <summary>Independent streams of chance from one seed: a draw more in one does not shift the others.</summary>
internal sealed class Chance(int seed)
{
    public Random Fork(string name)
    {
        var hash = 14695981039346656037UL ^ (uint)seed;
        foreach (var letter in name)
        {
            hash = (hash ^ letter) * 1099511628211;
        }

        hash ^= hash >> 29;
        return new Random((int)(hash ^ (hash >> 32)));
    }
}

using System.Security.Cryptography;

namespace CoEdit.Crdt;

/// <summary>Hashes client ids with a secret of the process: senders choose ids, and must not be able to choose ones that collide.</summary>
internal sealed class ClientComparer : IEqualityComparer<ulong>
{
    private readonly ulong _multiplier = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    public static ClientComparer Instance { get; } = new();

    public bool Equals(ulong x, ulong y) => x == y;

    public int GetHashCode(ulong obj) => (int)((obj * _multiplier) >> 32);
}

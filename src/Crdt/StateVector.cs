using System.Buffers;
using System.Collections;

namespace CoEdit.Crdt;

/// <summary>What a replica knows: for each client the next clock it expects. A client that is absent counts as 0.</summary>
/// <remarks>Not thread-safe. It covers insertions only: deletions are never acknowledged by a state vector.</remarks>
public sealed class StateVector : IEnumerable<KeyValuePair<ulong, uint>>
{
    private readonly Dictionary<ulong, uint> _clocks;

    /// <summary>Creates the vector of an empty document.</summary>
    public StateVector() => _clocks = new Dictionary<ulong, uint>(ClientComparer.Instance);

    private StateVector(Dictionary<ulong, uint> clocks) => _clocks = clocks;

    /// <summary>How many clients have a clock above 0.</summary>
    public int Count => _clocks.Count;

    /// <summary>The next expected clock of <paramref name="client"/>, 0 when the client is unknown. Setting 0 forgets the client.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A client of 2^53 or more, or a clock of 2^31 or more, is set.</exception>
    public uint this[ulong client]
    {
        get => _clocks.GetValueOrDefault(client);
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(client, Lib0Reader.MaxSafeInteger);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, (uint)int.MaxValue);
            if (value == 0)
                _clocks.Remove(client);
            else
                _clocks[client] = value;
        }
    }

    /// <summary>Reads <c>u(n) { u(client) u(clock) }</c>.</summary>
    /// <remarks>Bytes behind it are ignored; a repeated client keeps its last clock, as in Yjs.</remarks>
    /// <exception cref="MalformedUpdateException">The bytes are not a state vector, or a clock is above 2^31 - 1.</exception>
    public static StateVector Decode(ReadOnlySpan<byte> encoded)
    {
        Lib0Reader reader = new(encoded);
        ulong count = reader.ReadVarUInt();
        if (count > (ulong)(reader.Remaining / 2))
            throw new MalformedUpdateException("A state vector announces more clients than its bytes can hold.");
        StateVector result = new();
        for (ulong i = 0; i < count; i++)
        {
            ulong client = reader.ReadVarUInt();
            result[client] = reader.ReadVarUInt31();
        }

        return result;
    }

    /// <summary>Writes the vector, clients descending as Yjs does.</summary>
    public void Encode(IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        ulong[] clients = [.. _clocks.Keys];
        Array.Sort(clients);
        WireWriter writer = new(target);
        writer.PutVarUInt((ulong)clients.Length);
        for (int i = clients.Length - 1; i >= 0; i--)
        {
            writer.PutVarUInt(clients[i]);
            writer.PutVarUInt(_clocks[clients[i]]);
        }

        writer.Flush();
    }

    /// <summary>The encoded vector as an array of its own.</summary>
    public byte[] ToArray()
    {
        ByteBuffer buffer = new();
        Encode(buffer);
        return buffer.Written.ToArray();
    }

    /// <summary>Keeps the smaller of the present clock and <paramref name="clock"/>; an absent client stays absent.</summary>
    public void Lower(ulong client, uint clock)
    {
        if (_clocks.TryGetValue(client, out uint known) && clock < known)
            this[client] = clock;
    }

    /// <summary>A copy that shares nothing with this vector.</summary>
    public StateVector Clone() => new(new Dictionary<ulong, uint>(_clocks, ClientComparer.Instance));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<ulong, uint>> GetEnumerator() => _clocks.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

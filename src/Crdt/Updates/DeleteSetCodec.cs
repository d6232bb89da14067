namespace CoEdit.Crdt;

/// <summary>Reads and writes delete sets.</summary>
/// <remarks>
/// <code>
/// v1 := u(numClients) { u(client) u(numRanges) { u(clock) u(len) } }
/// v2 := u(numClients) { u(client) u(numRanges) { u(clock - end of the range before) u(len - 1) } }
/// </code>
/// Clients descend. A range of length 0 is legal in v1 only and means nothing.
/// </remarks>
internal static class DeleteSetCodec
{
    private const int SmallestEntry = 2;

    /// <summary>Adds the ranges of a delete set as they are written: clients may repeat, ranges may be empty, overlap and lack order.</summary>
    public static void Read(ref Lib0Reader reader, UpdateFormat format, List<ClockRange> ranges)
    {
        ulong clients = reader.ReadVarUInt();
        CheckCount(clients, reader.Remaining);
        for (ulong i = 0; i < clients; i++)
        {
            ulong client = reader.ReadVarUInt();
            ulong count = reader.ReadVarUInt();
            CheckCount(count, reader.Remaining);
            uint last = 0;
            for (ulong k = 0; k < count; k++)
            {
                uint start = reader.ReadVarUInt31();
                uint length = reader.ReadVarUInt31();
                if (format == UpdateFormat.V2)
                {
                    start += last;
                    length++;
                    if (start > int.MaxValue)
                        ThrowRange();
                }

                last = start + length;
                if (last > int.MaxValue)
                    ThrowRange();
                ranges.Add(new ClockRange(client, start, last));
            }
        }
    }

    /// <summary>Writes ranges that are grouped by client, clients descending. In v2 they also have to ascend and not to be empty.</summary>
    public static void Write(ReadOnlySpan<ClockRange> ranges, UpdateFormat format, ByteBuffer target)
    {
        int clients = 0;
        for (int i = 0; i < ranges.Length; i++)
            clients += i == 0 || ranges[i].Client != ranges[i - 1].Client ? 1 : 0;
        WireWriter writer = new(target);
        writer.PutVarUInt((ulong)clients);
        while (!ranges.IsEmpty)
        {
            ulong client = ranges[0].Client;
            int count = 1;
            while (count < ranges.Length && ranges[count].Client == client)
                count++;
            writer.PutVarUInt(client);
            writer.PutVarUInt((ulong)count);
            uint last = 0;
            foreach (ref readonly ClockRange range in ranges[..count])
            {
                writer.PutVarUInt(format == UpdateFormat.V1 ? range.Start : range.Start - last);
                writer.PutVarUInt(range.End - range.Start - (format == UpdateFormat.V1 ? 0u : 1u));
                last = range.End;
            }

            ranges = ranges[count..];
        }

        writer.Flush();
    }

    /// <summary>Groups ranges by client, clients descending, and keeps the order of each client's ranges.</summary>
    public static void Group(List<ClockRange> ranges)
    {
        for (int i = 1; i < ranges.Count; i++)
        {
            if (ranges[i].Client > ranges[i - 1].Client)
            {
                ClockRange[] grouped = [.. ranges.OrderByDescending(range => range.Client)];
                ranges.Clear();
                ranges.AddRange(grouped);
                return;
            }
        }
    }

    /// <summary>Sorts ranges by client (descending) and clock, joins those that overlap or touch and drops empty ones.</summary>
    public static void Normalize(List<ClockRange> ranges)
    {
        ranges.RemoveAll(range => range.End == range.Start);
        ranges.Sort(static (a, b) => a.Client != b.Client ? b.Client.CompareTo(a.Client) : a.Start.CompareTo(b.Start));
        int written = 0;
        for (int i = 1; i < ranges.Count; i++)
        {
            ClockRange last = ranges[written];
            if (last.Client == ranges[i].Client && last.End >= ranges[i].Start)
                ranges[written] = last with { End = Math.Max(last.End, ranges[i].End) };
            else
                ranges[++written] = ranges[i];
        }

        if (ranges.Count > 0)
            ranges.RemoveRange(written + 1, ranges.Count - written - 1);
    }

    /// <summary>True when ranges that are grouped by client can be written as v2 just so.</summary>
    public static bool IsAscending(List<ClockRange> ranges)
    {
        for (int i = 0; i < ranges.Count; i++)
        {
            if (ranges[i].End == ranges[i].Start || (i > 0 && ranges[i].Client == ranges[i - 1].Client && ranges[i].Start < ranges[i - 1].End))
                return false;
        }

        return true;
    }

    private static void CheckCount(ulong count, int remaining)
    {
        if (count > (ulong)(remaining / SmallestEntry))
            throw new MalformedUpdateException("A delete set announces more than its bytes can hold.");
    }

    private static void ThrowRange() => throw new MalformedUpdateException("A delete range ends above the largest clock.");
}

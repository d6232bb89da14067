using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>What all benchmarks of the document have in common: the order of its parts, and the names of what they measure.</summary>
/// <remarks><c>peers/lib/sessions.mjs</c> does the same in the same order: change both or neither.</remarks>
internal sealed class DocRun(WireFormat format, Measure measure)
{
    public WireFormat Format => format;

    public Measure Measure => measure;

    public JsonObject Metrics { get; } = [];

    /// <summary>A listener that keeps a copy of every update.</summary>
    public static Action<ReadOnlyMemory<byte>, Transaction> Keep(List<byte[]> updates) => (update, _) => updates.Add(update.ToArray());

    public Replica Create(int number, Action<ReadOnlyMemory<byte>, Transaction>? onUpdate) => new(number, format, onUpdate);

    public Replica Load(byte[] state) => Replica.Load(state, format);

    /// <summary>Takes <c>…Ms</c> and <c>…CpuMs</c> of something, after a full collection.</summary>
    public Timing Time(string name, Action work, bool collect = true)
    {
        if (collect)
            Measure.CollectGarbage();
        Timing timing = Measure.Timed(work);
        Metrics[name + "Ms"] = timing.Milliseconds;
        Metrics[name + "CpuMs"] = timing.CpuMilliseconds;
        return timing;
    }

    /// <summary>Takes <c>…Ms</c> of something, after a full collection.</summary>
    public void TimeOnly(string name, Action work)
    {
        Measure.CollectGarbage();
        Metrics[name + "Ms"] = Measure.Timed(work).Milliseconds;
    }

    /// <summary>Encodes, loads and reads for the first time in this process.</summary>
    public byte[] EncodeAndLoad(Replica replica, Action<Replica> check)
    {
        byte[] state = [];
        TimeOnly("encode", () => state = replica.Encode());
        Metrics["docBytes"] = state.Length;
        Replica? loaded = null;
        Timing load = Time("load", () => loaded = Load(state));
        double text = Measure.Timed(() => check(loaded!)).Milliseconds;
        Metrics["textMs"] = text;
        Metrics["parseMs"] = Measure.Round(load.Milliseconds + text);
        return state;
    }

    /// <summary>Warm and steady loads and encodes, and what ends every benchmark: descriptions of the updates and of the state.</summary>
    public void Finish(Replica replica, byte[] state, OperationKind kind, IReadOnlyList<byte[]> updates, int? divisor = null)
    {
        (Metrics["loadWarmMs"], Metrics["loadSteadyMs"]) = Nodes(measure.RepeatLoad(() => Load(state)));
        (Metrics["encodeWarmMs"], Metrics["encodeSteadyMs"]) = Nodes(measure.RepeatCall(replica.Encode));
        if (!replica.Encode().AsSpan().SequenceEqual(state) || !Load(state).Encode().AsSpan().SequenceEqual(state))
            throw new WrongResultException("the document, or the loaded document, does not encode as it did at first");

        long bytes = updates.Sum(update => (long)update.Length);
        Metrics["updates"] = updates.Count;
        Metrics["updateBytes"] = bytes;
        Metrics["avgUpdateSize"] = Measure.Round((double)bytes / (divisor ?? updates.Count));
        Metrics["updatesSha256"] = Hash(Frame(updates));
        Metrics["items"] = CountItems(state);
        string content = replica.ReadState(kind);
        bool isText = kind is OperationKind.InsertText or OperationKind.DeleteText;
        if (isText)
        {
            Metrics["textLength"] = content.Length;
            Metrics["textSha256"] = Hash(Encoding.UTF8.GetBytes(content));
        }

        Metrics["stateSha256"] = Hash(Encoding.UTF8.GetBytes(isText ? Quote(content) : content));
        Metrics["docSha256"] = Hash(state);
    }

    /// <summary>Applies every update to a fresh replica and looks at each call: how many allocated, and how much.</summary>
    public void CountRemoteAllocations(byte[][] updates)
    {
        Replica replica = Create(2, null);
        CountAllocations("remote", "Updates", updates.Length, i => replica.Apply(updates[i]));
    }

    /// <summary>The same for the transactions of an author, with a listener.</summary>
    public void CountLocalAllocations(Session session)
    {
        Replica replica = Create(1, Replica.Drop);
        CountAllocations("local", "Edits", session.Count, i => session.Run(replica, i));
    }

    public static (JsonNode Warm, JsonNode Steady) Nodes((double Warm, double Steady) times) => (times.Warm, times.Steady);

    private void CountAllocations(string side, string what, int count, Action<int> work)
    {
        int allocating = 0;
        long total = 0;
        long largest = 0;
        for (int i = 0; i < count; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work(i);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            allocating += allocated == 0 ? 0 : 1;
            total += allocated;
            largest = Math.Max(largest, allocated);
        }

        Metrics[$"{side}Allocating{what}"] = allocating;
        Metrics[$"{side}AllocatedPer{what[..^1]}"] = Measure.Round((double)total / count);
        Metrics[$"{side}LargestAllocation"] = largest;
    }

    // The update store counts the structs of a state without building anything of them.
    private int CountItems(byte[] state)
    {
        var store = new UpdateStore();
        store.Apply(format == WireFormat.V1 ? state : YUpdate.ConvertV2ToV1(state), UpdateSource.Trusted);
        return store.StructCount;
    }

    private static string Quote(string text)
    {
        var json = new StringBuilder(text.Length);
        JavaScriptJson.Append(json, text);
        return json.ToString();
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Each update with its length before it, as in the files of updates.</summary>
    private static byte[] Frame(IReadOnlyList<byte[]> updates)
    {
        var framed = new ArrayBufferWriter<byte>();
        foreach (byte[] update in updates)
        {
            uint length = (uint)update.Length;
            for (; length >= 0x80; length >>= 7)
                framed.Write([(byte)(length | 0x80)]);
            framed.Write([(byte)length]);
            framed.Write(update);
        }

        return framed.WrittenSpan.ToArray();
    }
}

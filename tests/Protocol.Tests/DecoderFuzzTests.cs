using System.Text;
using CoEdit.Crdt;
using FsCheck;
using FsCheck.Fluent;

namespace CoEdit.Protocol.Tests;

/// <summary>Bytes from outside end in a value or in <see cref="MalformedUpdateException"/>, in bounded memory.</summary>
public class DecoderFuzzTests
{
    private const int Rounds = 40_000;

    private static readonly byte[][] Seeds =
    [
        SyncProtocol.Step1(Hex.Bytes("014102")),
        SyncProtocol.Step2([0, 0]),
        SyncProtocol.Update(Hex.Bytes("010141000401017402686900")),
        SyncProtocol.Awareness(Inner.Of(0x41, 1, """{"u":1}""")),
        SyncProtocol.Awareness(
            Inner.Of((1, 1, """{"a":[1,2,{"b":"\u00e9"}]}"""), (300, 70_000, Inner.Gone), ((1UL << 53) - 1, 3, "\"é\""))),
        SyncProtocol.Awareness(Inner.Of((1, 9, Inner.Gone), (2, 1, "[[[[]]]]"), (1, 10, "{}"))),
        SyncProtocol.PermissionDenied("permission denied"),
        SyncProtocol.KeepAlive.ToArray(),
    ];

    [Fact]
    public void Mutated_frames_never_do_anything_else()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var table = new AwarenessTable(new AwarenessOptions { MaxClients = 64, MaxRemovedClients = 64, MaxStateBytes = 64 });
        var peers = Enumerable.Range(0, 4).Select(_ => table.Join()).ToArray();
        int read = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] frame = Mutate(random, Seeds[random.Next(Seeds.Length)]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                YWebSocketFrame view = YWebSocketFrame.Read(frame);
                read++;
                Assert.True(view.Payload.Length <= frame.Length);
                Assert.True(view.PayloadOffset + view.Payload.Length <= frame.Length);
                if (view.Kind == FrameKind.Awareness)
                    table.Apply(peers[random.Next(peers.Length)], view.Payload, round);
            }
            catch (MalformedUpdateException)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, frame {Hex.Of(frame)}: {exception}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 64 * 1024, $"seed {seed}, frame {Hex.Of(frame)} allocated {allocated} bytes");
            if (round % 500 == 499)
            {
                int gone = random.Next(peers.Length);
                table.Leave(peers[gone], round);
                peers[gone] = table.Join();
                table.Expire(round);
                AssertConsistent(table);
            }
        }

        Assert.InRange(read, Rounds / 10, Rounds);
    }

    [Fact]
    public void Any_bytes_at_all_are_read_or_refused() =>
        Prop.ForAll<byte[], byte>((bytes, type) =>
        {
            byte[] frame = [(byte)(type % 5), .. bytes];
            var table = new AwarenessTable();
            try
            {
                table.Apply(table.Join(), YWebSocketFrame.Read(frame).Payload, 0);
            }
            catch (MalformedUpdateException)
            {
            }

            return table.RememberedCount <= 1 + bytes.Length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_addressed_bytes_are_read_or_refused() =>
        Prop.ForAll<byte[], byte>((bytes, type) =>
        {
            byte[] message = [1, (byte)'d', (byte)(type % 12), .. bytes];
            foreach (byte[] frame in (byte[][])[message, bytes])
            {
                try
                {
                    HocuspocusFrame view = HocuspocusFrame.Read(frame);
                    if (view.Type == HocuspocusMessageType.Auth)
                        HocuspocusFrame.ReadToken(view.Body, out _, out _);
                    else
                        HocuspocusFrame.ReadText(view.Body);
                    if (view.MessageOffset + view.Body.Length > frame.Length)
                        return false;
                }
                catch (MalformedUpdateException)
                {
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_path_is_a_valid_name_or_refused_with_a_reason() =>
        Prop.ForAll<string>(path =>
        {
            string raw = path ?? "";
            return DocumentName.TryParse(raw, out string name, out string error)
                ? error == "" && DocumentName.TryValidate(name, out _) && Encoding.UTF8.GetByteCount(name) is > 0 and <= 256
                : error != "" && name == "";
        }).QuickCheckThrowOnFailure();

    // What the table says about itself is a legal update with the very states it lists.
    private static void AssertConsistent(AwarenessTable table)
    {
        var all = table.EncodeAll();
        Assert.Equal(table.Count, table.States.Count);
        if (all is null)
        {
            Assert.Equal(0, table.Count);
            return;
        }

        var copy = new AwarenessTable();
        AwarenessPeer nobody = copy.Join();
        copy.Apply(nobody, Inner.Of((1UL << 53) - 2, 0, "{}"), 0);
        var known = Inner.Read(all).Where(e => e.Clock <= 1UL << 40).Take(32).ToArray();
        copy.Apply(nobody, Inner.Of(known), 0);
        Assert.Equal(known.Length, copy.Count);
    }

    private static byte[] Mutate(Random random, byte[] seed)
    {
        var bytes = new List<byte>(seed);
        for (int edits = random.Next(1, 5); edits > 0; edits--)
        {
            int at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when at < bytes.Count:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, [0xff, 0xff, 0xff, 0xff, (byte)random.Next(256)]);
                    break;
            }
        }

        return [.. bytes];
    }
}

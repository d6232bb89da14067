using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Damaged updates are refused with one kind of exception, or applied; nothing else happens.</summary>
public sealed class MutationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_updates_throw_MalformedUpdateException_or_are_applied(int seed)
    {
        Random random = new(seed);
        byte[] state = SampleState();
        byte[] stateV2 = YUpdate.ConvertV1ToV2(state);
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = round % 2 == 0 ? [.. state] : [.. stateV2];
            int count = random.Next(1, 4);
            for (int i = 0; i < count; i++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            YDoc doc = new();
            doc.GetText("text");
            try
            {
                if (round % 2 == 0)
                    doc.ApplyUpdate(damaged);
                else
                    doc.ApplyUpdateV2(damaged);
            }
            catch (MalformedUpdateException)
            {
                Assert.Equal("0000", Bytes.ToHex(doc.EncodeStateAsUpdate()));
                continue;
            }

            // Whatever it says now, it is a document that can be passed on.
            YDoc replica = new();
            if (round % 2 == 0)
                replica.ApplyUpdate(doc.EncodeStateAsUpdate());
            else
                replica.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
            Assert.Equal(doc.EncodeStateVector(), replica.EncodeStateVector());
        }
    }

    private static byte[] SampleState()
    {
        YDoc doc = new(new YDocOptions { ClientId = 7 });
        YText text = doc.GetText("text");
        text.Insert(0, "Größe and 😀", new YObject { ["bold"] = true });
        text.InsertEmbed(3, new YObject { ["image"] = "a.png" });
        text.Delete(1, 2);
        YMap map = doc.GetMap("map");
        map.Set("a", YValue.FromArray(1, "x", YValue.Null));
        map.Set("a", new YArray(1, 2, "three"));
        map.Set("t", new YText("nested"));
        map.Set("d", new YDoc(new YDocOptions { Guid = "sub" }));
        YXmlElement element = new("p");
        element.SetAttribute("class", "x");
        doc.GetXmlFragment("xml").Insert(0, element);
        YDoc other = new(new YDocOptions { ClientId = 9 });
        other.ApplyUpdate(doc.EncodeStateAsUpdate());
        other.GetText("text").Insert(4, "between");
        other.GetMap("map").Delete("t");
        return other.EncodeStateAsUpdate();
    }
}

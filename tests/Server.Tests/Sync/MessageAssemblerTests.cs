namespace CoEdit.Server.Tests;

public sealed class MessageAssemblerTests
{
    [Fact]
    public void Pieces_become_one_message_and_the_budget_is_given_back()
    {
        AssemblyBudget budget = Budget(1 << 20);
        using var assembler = new MessageAssembler(1 << 20, budget);
        byte[] expected = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

        for (int at = 0; at < expected.Length;)
        {
            int count = Math.Min(assembler.Free.Length, Math.Min(999, expected.Length - at));
            expected.AsSpan(at, count).CopyTo(assembler.Free.Span);
            at += count;
            Assert.Equal(MessageAssembler.Verdict.Ok, assembler.Add(count, at == expected.Length));
        }

        Assert.True(budget.Used > 0);
        Assert.Equal(expected, assembler.Take());
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void A_message_over_the_limit_is_noticed_at_the_first_byte_too_many()
    {
        using var assembler = new MessageAssembler(10_000, Budget(1 << 20));
        int total = 0;
        MessageAssembler.Verdict verdict = MessageAssembler.Verdict.Ok;
        while (verdict == MessageAssembler.Verdict.Ok)
        {
            int count = Math.Min(assembler.Free.Length, 10_001 - total);
            total += count;
            verdict = assembler.Add(count, endOfMessage: false);
        }

        Assert.Equal((MessageAssembler.Verdict.TooBig, 10_001), (verdict, total));
    }

    [Fact]
    public void Large_messages_of_all_sockets_share_one_budget()
    {
        AssemblyBudget budget = Budget(20_000);
        using var first = new MessageAssembler(1 << 20, budget);
        using var second = new MessageAssembler(1 << 20, budget);
        Assert.Equal(MessageAssembler.Verdict.Ok, first.Add(first.Free.Length, false));  // grows to 8 KiB
        Assert.Equal(MessageAssembler.Verdict.Ok, second.Add(second.Free.Length, false));
        Assert.Equal(MessageAssembler.Verdict.Ok, first.Add(first.Free.Length, false));  // 16 KiB

        Assert.Equal(MessageAssembler.Verdict.OutOfMemory, second.Add(second.Free.Length, false));
        first.Reset();
        Assert.True(budget.Used < 8_192);
    }

    private static AssemblyBudget Budget(long bytes) =>
        new(Microsoft.Extensions.Options.Options.Create(new CoEditOptions { Limits = { MaxAssemblyBytes = bytes } }));
}

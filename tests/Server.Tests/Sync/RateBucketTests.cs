namespace CoEdit.Server.Tests;

public sealed class RateBucketTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void What_comes_at_the_permitted_rate_is_never_delayed()
    {
        var bucket = new RateBucket(100, 0, _time);
        for (int i = 0; i < 1_000; i++)
        {
            Assert.Equal(TimeSpan.Zero, bucket.Take(1, 1_000_000));
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }
    }

    [Fact]
    public void What_comes_faster_waits_until_its_time_has_come()
    {
        var bucket = new RateBucket(100, 0, _time);
        var waited = TimeSpan.Zero;
        for (int i = 0; i < 1_000; i++)
        {
            TimeSpan pause = bucket.Take(1, 0);
            waited += pause;
            _time.Advance(pause);
        }

        Assert.Equal(9, waited.TotalSeconds, tolerance: 0.1); // the first second's worth is free
    }

    [Fact]
    public void After_a_silence_a_burst_passes_and_no_more_than_two_seconds_of_it()
    {
        var bucket = new RateBucket(100, 0, _time);
        bucket.Take(1, 0);
        _time.Advance(TimeSpan.FromHours(1));

        int passed = 0;
        while (bucket.Take(1, 0) == TimeSpan.Zero)
            passed++;

        Assert.InRange(passed, 100, 200);
    }

    [Fact]
    public void Bytes_count_by_themselves_and_one_large_piece_is_paid_for_afterwards()
    {
        var bucket = new RateBucket(0, 1_000, _time);

        Assert.Equal(TimeSpan.Zero, bucket.Take(1, 1_000));
        Assert.Equal(5, bucket.Take(1, 5_000).TotalSeconds, tolerance: 0.01);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(TimeSpan.Zero, bucket.Take(1, 1_000));
    }

    [Fact]
    public void Nothing_is_delayed_without_limits()
    {
        var bucket = new RateBucket(0, 0, _time);
        for (int i = 0; i < 10_000; i++)
            Assert.Equal(TimeSpan.Zero, bucket.Take(1, int.MaxValue));
    }
}

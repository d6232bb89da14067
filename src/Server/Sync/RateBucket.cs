namespace CoEdit.Server;

/// <summary>How much one connection may send per second, in messages and in bytes. What comes faster is read later, never refused.</summary>
/// <remarks>
/// Two token buckets that hold what may come in a second. The clock is read only when one of them is empty, so below the limits a message
/// costs a subtraction; in return a burst of up to two seconds' worth passes undelayed. Owned by one receive loop. 0 means no limit.
/// </remarks>
internal sealed class RateBucket(int messagesPerSecond, long bytesPerSecond, TimeProvider time)
{
    private Bucket _messages = new(messagesPerSecond);
    private Bucket _bytes = new(bytesPerSecond);
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes what was received, and returns how long to wait before reading on.</summary>
    public TimeSpan Take(int messages, int bytes)
    {
        _messages.Level -= messages;
        _bytes.Level -= bytes;
        return _messages.Missing > 0 || _bytes.Missing > 0 ? Refill() : TimeSpan.Zero;
    }

    private TimeSpan Refill()
    {
        long now = time.GetTimestamp();
        double seconds = time.GetElapsedTime(_filledAt, now).TotalSeconds;
        _filledAt = now;
        _messages.Fill(seconds);
        _bytes.Fill(seconds);
        return TimeSpan.FromSeconds(Math.Max(_messages.Missing, _bytes.Missing));
    }

    private struct Bucket(long perSecond)
    {
        private readonly long _perSecond = perSecond;

        public double Level = perSecond;

        /// <summary>Seconds until what was taken too much has come in again.</summary>
        public readonly double Missing => Level >= 0 || _perSecond == 0 ? 0 : -Level / _perSecond;

        public void Fill(double seconds) => Level = Math.Min(_perSecond, Level + (seconds * _perSecond));
    }
}

namespace CoEdit.Bench;

/// <summary>How long something took: on the clock, and of the processor in all threads, compiler and garbage collector included.</summary>
internal readonly record struct Timing(double Milliseconds, double CpuMilliseconds);

namespace CoEdit.Load;

/// <summary>What one run of one scenario on one server gave.</summary>
internal sealed record Measurement(string Scenario, string Server, int Round, IReadOnlyDictionary<string, double> Metrics);

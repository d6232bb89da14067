using System.Globalization;

namespace CoEdit.Load;

/// <summary>A metric as the tables show it.</summary>
/// <param name="Key">Name in the JSON lines.</param>
/// <param name="Title">Head of the column, with the unit.</param>
/// <param name="IsCompared">Whether CoEdit is divided by the others.</param>
internal sealed record Column(string Key, string Title, bool IsCompared = true)
{
    /// <summary>Three significant digits; a dash when there is no such value.</summary>
    public static string Show(double value) => value switch
    {
        double.NaN => "–",
        0 => "0",
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("F2", CultureInfo.InvariantCulture),
        _ => value.ToString("F3", CultureInfo.InvariantCulture),
    };
}

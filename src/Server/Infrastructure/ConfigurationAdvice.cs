using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Says at start what is legal but probably not meant: misspelt keys, limits that lock stock clients out.</summary>
internal sealed partial class ConfigurationAdvice(
    IConfiguration configuration, IOptions<CoEditOptions> options, ILogger<ConfigurationAdvice> logger)
{
    public void Give()
    {
        foreach (string key in UnknownKeys(configuration.GetSection(CoEditOptions.Section), typeof(CoEditOptions)))
            LogUnknownKey(key);
        LimitsSection limits = options.Value.Limits;
        if (limits.MaxMessageBytes < limits.MaxDocumentBytes)
            LogSmallMessages(limits.MaxMessageBytes, limits.MaxDocumentBytes);
    }

    /// <summary>Keys below <paramref name="section"/> that no property of <paramref name="type"/> takes.</summary>
    internal static IEnumerable<string> UnknownKeys(IConfigurationSection section, Type type)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            PropertyInfo? property = type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            if (property is null)
                yield return child.Path;
            else if (property.PropertyType.Namespace == type.Namespace && property.PropertyType.IsClass)
            {
                foreach (string key in UnknownKeys(child, property.PropertyType))
                    yield return key;
            }
            else if (child.GetChildren().Any() && !typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
                yield return child.Path;
        }
    }

    [LoggerMessage(EventIds.UnknownKey, LogLevel.Warning, "{Key} is set, but CoEdit has no such key; it has no effect.")]
    private partial void LogUnknownKey(LogText key);

    [LoggerMessage(EventIds.SmallMessageLimit, LogLevel.Warning,
        "CoEdit:Limits:MaxMessageBytes ({MessageBytes}) is below MaxDocumentBytes ({DocumentBytes}): stock clients send a whole document as one "
        + "message, and one with a larger copy reconnects for ever.")]
    private partial void LogSmallMessages(int messageBytes, long documentBytes);
}

using System.Text.Json.Serialization;

namespace CoEdit.Server;

/// <summary>The JSON of the HTTP API, generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ListDocuments.Response))]
[JsonSerializable(typeof(DocumentInfo))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(RightsReport))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;

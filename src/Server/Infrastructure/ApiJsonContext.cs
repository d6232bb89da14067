using System.Text.Json.Serialization;

namespace CoEdit.Server;

/// <summary>The JSON of the HTTP API, generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ListDocuments.Response))]
[JsonSerializable(typeof(DocumentInfo))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(SendStateless.Body))]
[JsonSerializable(typeof(SendStateless.Receipt))]
[JsonSerializable(typeof(RightsReport))]
[JsonSerializable(typeof(ListRooms.Response), TypeInfoPropertyName = "RoomList")]
internal sealed partial class ApiJsonContext : JsonSerializerContext;

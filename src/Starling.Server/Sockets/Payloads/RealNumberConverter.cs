using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Starling.Server.Sockets.Payloads;

/// <summary>
/// Writes numbers that JSON does not have, NaN and the infinities, as null, as JavaScript does, unless the application has asked for
/// their names.
/// </summary>
/// <typeparam name="T">A type of floating-point numbers.</typeparam>
internal sealed class RealNumberConverter<T> : JsonConverter<T>
    where T : struct, IBinaryFloatingPointIeee754<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return T.CreateSaturating(reader.GetDouble());
        }

        var handling = options.NumberHandling;
        var isNamed = (handling & JsonNumberHandling.AllowNamedFloatingPointLiterals) != 0;
        if (reader.TokenType == JsonTokenType.String && reader.GetString() is { } text
            && T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && (T.IsFinite(value) ? (handling & JsonNumberHandling.AllowReadingFromString) != 0 : isNamed))
        {
            return value;
        }

        throw new JsonException($"A number was expected, but there is {reader.TokenType}.");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        if (T.IsFinite(value) ? (options.NumberHandling & JsonNumberHandling.WriteAsString) != 0
            : (options.NumberHandling & JsonNumberHandling.AllowNamedFloatingPointLiterals) != 0)
        {
            writer.WriteStringValue(value.ToString(null, CultureInfo.InvariantCulture));
        }
        else if (!T.IsFinite(value))
        {
            writer.WriteNullValue();
        }
        else if (typeof(T) == typeof(double))
        {
            writer.WriteNumberValue((double)(object)value);
        }
        else if (typeof(T) == typeof(float))
        {
            writer.WriteNumberValue((float)(object)value);
        }
        else
        {
            writer.WriteRawValue(value.ToString(null, CultureInfo.InvariantCulture));
        }
    }
}

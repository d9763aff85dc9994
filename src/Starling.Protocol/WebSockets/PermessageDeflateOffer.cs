namespace Starling.Protocol.WebSockets;

/// <summary>Negotiates compression (RFC 7692, section 7.1).</summary>
public static class PermessageDeflateOffer
{
    private const string Extension = "permessage-deflate";

    /// <summary>Answers a client's offers.</summary>
    /// <param name="header">The value of <c>Sec-WebSocket-Extensions</c> in the request.</param>
    /// <returns>The value for the response, or null when no offer can be taken.</returns>
    public static string? Answer(string? header)
    {
        foreach (var offer in Split(header ?? "", ','))
        {
            var parts = Split(offer, ';');
            if (parts[0].Equals(Extension, StringComparison.OrdinalIgnoreCase) && AreValid(parts.ToArray().AsSpan(1)))
            {
                return Extension + "; server_no_context_takeover; client_no_context_takeover";
            }
        }

        return null;
    }

    // RFC 6455, section 9.1: a parameter's value may be a quoted string, in which a separator does not separate.
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var start = 0;
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == separator && !quoted)
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (text[i] == '\\' && quoted)
            {
                i++;
            }
        }

        parts.Add(text[start..].Trim());
        return parts;
    }

    // Section 7.1: an offer with a parameter that is unknown, doubled or has a wrong value must be declined. A client that asks the server
    // to use a smaller window cannot be served, since the window of DeflateStream is fixed.
    private static bool AreValid(ReadOnlySpan<string> parameters)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in parameters)
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? parameter : parameter[..equals]).Trim();
            var value = equals < 0 ? null : parameter[(equals + 1)..].Trim().Trim('"');
            var isValid = name.ToLowerInvariant() switch
            {
                "server_no_context_takeover" or "client_no_context_takeover" => value is null,
                "client_max_window_bits" => value is null || IsWindow(value),
                _ => false,
            };
            if (!isValid || !seen.Add(name))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsWindow(string value) => value is "8" or "9" or "10" or "11" or "12" or "13" or "14" or "15";
}

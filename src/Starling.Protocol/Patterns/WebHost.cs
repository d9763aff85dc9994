using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Starling.Protocol.Patterns;

/// <summary>Brings hosts of URLs into their normal form (URL Standard, section 3.5).</summary>
internal static class WebHost
{
    private const string Forbidden = "\0\t\n\r #/:<>?@[\\]^|";
    private static readonly SearchValues<char> ForbiddenInHost = SearchValues.Create(Forbidden);
    private static readonly SearchValues<char> ForbiddenInDomain = SearchValues.Create(Forbidden + "%\x7f");

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true, UseStd3AsciiRules = false };

    /// <summary>Reads a host.</summary>
    /// <param name="text">The host as written.</param>
    /// <param name="special">Whether the scheme is a special one, so that the host is a domain or an address.</param>
    /// <param name="host">The normal form.</param>
    public static bool TryParse(string text, bool special, out string host)
    {
        host = text;
        if (text.StartsWith('['))
        {
            return text.EndsWith(']') && TryIPv6(text[1..^1], out host);
        }

        if (!special)
        {
            host = PercentEncoding.Encode(text, PercentEncoding.Control);
            return text.AsSpan().IndexOfAny(ForbiddenInHost) < 0;
        }

        return text.Length == 0 || (TryDomain(PercentEncoding.Decode(text), out host) && TryIPv4(host, out host));
    }

    /// <summary>Brings a domain, or a piece of one, into its normal form.</summary>
    public static bool TryDomain(string text, out string domain)
    {
        domain = text.ToLowerInvariant();
        try
        {
            domain = domain.All(char.IsAscii) ? domain : Idn.GetAscii(domain.Normalize(System.Text.NormalizationForm.FormKC)).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return false;
        }

        return domain.AsSpan().IndexOfAny(ForbiddenInDomain) < 0 && !domain.Any(c => c <= '\x1f');
    }

    private static bool TryIPv6(string text, out string host)
    {
        host = "";
        if (text.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var address)
            || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        host = $"[{Compress(address.GetAddressBytes())}]";
        return true;
    }

    // The longest run of zeros is left out; unlike .NET, the last 32 bits are never written as IPv4.
    private static string Compress(byte[] bytes)
    {
        var groups = new int[8];
        for (var i = 0; i < groups.Length; i++)
        {
            groups[i] = (bytes[2 * i] << 8) | bytes[(2 * i) + 1];
        }

        var (bestStart, bestLength) = (-1, 1);
        for (var i = 0; i < groups.Length; i++)
        {
            var length = groups.Skip(i).TakeWhile(group => group == 0).Count();
            if (length > bestLength)
            {
                (bestStart, bestLength) = (i, length);
            }
        }

        if (bestStart < 0)
        {
            return Join(groups);
        }

        return Join(groups[..bestStart]) + "::" + Join(groups[(bestStart + bestLength)..]);
    }

    private static string Join(int[] groups) =>
        string.Join(':', groups.Select(group => group.ToString("x", CultureInfo.InvariantCulture)));

    private static bool TryIPv4(string domain, out string host)
    {
        host = domain;
        var parts = domain.Split('.');
        if (parts.Length > 1 && parts[^1].Length == 0)
        {
            parts = parts[..^1];
        }

        if (!IsNumber(parts[^1], out _))
        {
            // A last label of digits that is no number, as in 1.2.3.08, makes the whole host invalid.
            return parts[^1].Length == 0 || !parts[^1].All(char.IsAsciiDigit);
        }

        if (parts.Length > 4)
        {
            return false;
        }

        long address = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            if (!IsNumber(parts[i], out var value) || value >= (isLast ? 1L << (8 * (5 - parts.Length)) : 256))
            {
                return false;
            }

            address += isLast ? value : value << (8 * (3 - i));
        }

        host = new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]).ToString();
        return true;
    }

    private static bool IsNumber(string part, out long value)
    {
        value = 0;
        if (part.Length == 0)
        {
            return false;
        }

        if (part.StartsWith("0x", StringComparison.Ordinal))
        {
            return part.Length == 2 || long.TryParse(part.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        }

        if (part.Length > 1 && part[0] == '0')
        {
            foreach (var c in part)
            {
                if (c is < '0' or > '7' || value > uint.MaxValue)
                {
                    return false;
                }

                value = (value * 8) + (c - '0');
            }

            return true;
        }

        return long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}

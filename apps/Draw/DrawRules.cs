using System.Security.Cryptography;
using System.Text;

namespace Starling.Apps.Draw;

/// <summary>What clients may send. Each check returns what is wrong, in words for the person at the other end, or null.</summary>
internal static class DrawRules
{
    private const int MaxCoordinate = 10_000;
    private const int MaxPart = 2_000;
    private const int MaxNameLength = 32;

    public static string? Check(JoinRequest? request)
    {
        if (request?.Board is not { Length: > 0 and <= 64 })
        {
            return "A board's name has 1 to 64 characters.";
        }

        if (request.Key is not { Length: >= 16 and <= 64 })
        {
            return "The client's key has 16 to 64 characters.";
        }

        if (request.Name is not { Length: <= MaxNameLength } name || string.IsNullOrWhiteSpace(name))
        {
            return $"A name has 1 to {MaxNameLength} characters.";
        }

        return IsColor(request.Color) ? null : "A colour looks like #1a2b3c.";
    }

    public static string? Check(PointsRequest? request)
    {
        if (request?.Stroke is not { Length: > 0 and <= 64 })
        {
            return "A stroke's id has 1 to 64 characters.";
        }

        if (!IsColor(request.Color))
        {
            return "A colour looks like #1a2b3c.";
        }

        if (request.Width is < 1 or > 60)
        {
            return "A width is 1 to 60.";
        }

        if (request.From < 0 || request.Points is not { Length: > 0 and <= MaxPart } points || points.Length % 2 != 0)
        {
            return $"A part of a stroke has 1 to {MaxPart / 2} points of two coordinates.";
        }

        return points.AsSpan().ContainsAnyExceptInRange(0, MaxCoordinate) ? $"A coordinate is 0 to {MaxCoordinate}." : null;
    }

    public static string? Check(ItemRequest? request) => request?.Id is { Length: > 0 and <= 64 } ? null : "An id has 1 to 64 characters.";

    public static bool IsOnBoard(PointerRequest? request) => request is { X: >= 0 and <= MaxCoordinate, Y: >= 0 and <= MaxCoordinate };

    /// <summary>The public name of whoever holds a key; tells nothing about the key.</summary>
    public static string AuthorOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 8));

    private static bool IsColor(string? color) => color is { Length: 7 } && color[0] == '#' && color.AsSpan(1).IndexOfAnyExcept(HexDigits) < 0;

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}

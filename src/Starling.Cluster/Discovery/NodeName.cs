using System.Buffers;
using System.Security.Cryptography;

namespace Starling.Cluster.Discovery;

/// <summary>Names of nodes: by their order the younger one of two is known. Nine characters of time (milliseconds, to base 36), four of chance.</summary>
internal static class NodeName
{
    public const int Length = TimeLength + ChanceLength;

    private const int TimeLength = 9;
    private const int ChanceLength = 4;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> AllDigits = SearchValues.Create(Digits);

    public static string Create(TimeProvider time)
    {
        Span<char> name = stackalloc char[Length];
        var rest = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = TimeLength - 1; i >= 0; i--)
        {
            name[i] = Digits[(int)(rest % Digits.Length)];
            rest /= Digits.Length;
        }

        RandomNumberGenerator.GetItems(Digits, name[TimeLength..]);
        return new string(name);
    }

    public static bool IsName(ReadOnlySpan<char> text) => text.Length == Length && !text.ContainsAnyExcept(AllDigits);

    /// <summary>Whether a node connects to another one, instead of being connected to by it: of two, the younger does.</summary>
    public static bool Connects(string from, string to) => string.CompareOrdinal(from, to) > 0;
}

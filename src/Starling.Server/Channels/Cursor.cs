using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Starling.Server.Channels;

/// <summary>
/// How far a client has come in the history of the hub: for each node that ever published (its epoch), the offset of the last publication
/// that the client has seen or skipped. Immutable.
/// </summary>
/// <remarks>
/// A node numbers its own publications 1, 2, 3 … within an epoch, a random name that it takes when it starts without its earlier history.
/// Without the epoch a client that has seen 3 publications before a restart would take the first 3 after it for known. Nodes take in each
/// other's publications in different orders, which is why a single number would not do on more than one node: with a cursor of node A a
/// client goes on at node B and gets exactly what it has not had. Text form: <c>#epoch-offset.epoch-offset</c>;
/// <c>#</c> alone is the beginning.
/// </remarks>
public sealed class Cursor : IEquatable<Cursor>
{
    // Four times as many as a hub names, so that a client may bring together what it has of several.
    private const int MaxEpochs = 512;

    private readonly KeyValuePair<string, long>[] _positions;
    private string? _text;

    private Cursor(KeyValuePair<string, long>[] positions) => _positions = positions;

    /// <summary>Before everything.</summary>
    public static Cursor Start { get; } = new([]);

    internal ReadOnlySpan<KeyValuePair<string, long>> Positions => _positions;

    /// <summary>Reads a cursor.</summary>
    /// <param name="text">Its text form.</param>
    /// <param name="cursor">The cursor, if it is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out Cursor? cursor)
    {
        ArgumentNullException.ThrowIfNull(text);
        cursor = text == "#" ? Start : null;
        if (text.Length < 2 || text[0] != '#')
        {
            return cursor is not null;
        }

        var parts = text[1..].Split('.');
        if (parts.Length > MaxEpochs)
        {
            return false;
        }

        var positions = new Dictionary<string, long>(parts.Length, StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            if (dash < 1 || !long.TryParse(part.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            {
                return false;
            }

            positions[part[..dash]] = offset;
        }

        cursor = new Cursor([.. positions.OrderBy(static item => item.Key, StringComparer.Ordinal)]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        if (_text is null)
        {
            var text = new StringBuilder("#");
            foreach (var (epoch, offset) in _positions)
            {
                text.Append(text.Length > 1 ? "." : "").Append(epoch).Append('-').Append(offset.ToString(CultureInfo.InvariantCulture));
            }

            _text = text.ToString();
        }

        return _text;
    }

    /// <inheritdoc/>
    public bool Equals(Cursor? other) => other is not null && _positions.AsSpan().SequenceEqual(other._positions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Cursor);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The offset reached in an epoch; 0 for one that the cursor does not name.</summary>
    internal long OffsetOf(string epoch)
    {
        foreach (var (name, offset) in _positions)
        {
            if (ReferenceEquals(name, epoch) || name == epoch)
            {
                return offset;
            }
        }

        return 0;
    }

    /// <summary>The same cursor, moved to an offset of one epoch.</summary>
    internal Cursor With(string epoch, long offset)
    {
        for (var i = 0; i < _positions.Length; i++)
        {
            if (_positions[i].Key == epoch)
            {
                var copy = _positions.ToArray();
                copy[i] = new(_positions[i].Key, offset);
                return new Cursor(copy);
            }
        }

        // Sorted, so that equal cursors are equal texts.
        return new Cursor([.. _positions.Append(new(epoch, offset)).OrderBy(item => item.Key, StringComparer.Ordinal)]);
    }

    /// <summary>The same cursor without an epoch.</summary>
    internal Cursor Without(string epoch) =>
        OffsetOf(epoch) == 0 ? this : new Cursor([.. _positions.Where(item => item.Key != epoch)]);

    /// <summary>Whether it lies before another cursor in no epoch.</summary>
    internal bool Covers(Cursor other)
    {
        foreach (var (epoch, offset) in other._positions)
        {
            if (offset > OffsetOf(epoch))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The farther of the two in every epoch.</summary>
    internal Cursor Max(Cursor other)
    {
        var result = this;
        foreach (var (epoch, offset) in other._positions)
        {
            if (offset > result.OffsetOf(epoch))
            {
                result = result.With(epoch, offset);
            }
        }

        return result;
    }
}

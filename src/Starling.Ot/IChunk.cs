namespace Starling.Ot;

/// <summary>A bounded piece of a sequence that is kept in a <see cref="ChunkTree{T}"/>. Immutable.</summary>
internal interface IChunk<TSelf>
    where TSelf : struct, IChunk<TSelf>
{
    /// <summary>The most that a piece holds, so that cutting one costs little however long the sequence is.</summary>
    static abstract int Longest { get; }

    /// <summary>How many places of the sequence it takes; never zero.</summary>
    int Length { get; }

    /// <summary>How many bytes of JSON it is by itself; never zero. Not kept here: the tree asks once.</summary>
    int EncodedLength { get; }

    /// <summary>How many bytes two neighbours take more, or less if negative, than each by itself.</summary>
    static abstract int SeamLength(in TSelf left, in TSelf right);

    /// <summary>A part of it.</summary>
    TSelf Slice(int start, int length);

    /// <summary>Makes one of two neighbours, if they are alike and together no longer than <see cref="Longest"/>.</summary>
    bool TryJoin(in TSelf next, out TSelf joined);

    /// <summary>Takes out a part of it and puts something in, if that is all in it, alike, and leaves a piece that is neither empty nor too long.</summary>
    bool TrySplice(int start, int removed, in TSelf? inserted, out TSelf changed)
    {
        changed = default;
        return false;
    }
}

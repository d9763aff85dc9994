namespace Starling.Ot;

/// <summary>Breaks ties between concurrent operations. A server transforms what is submitted as <see cref="Left"/> against what is committed.</summary>
public enum OtSide
{
    /// <summary>The operation that is submitted.</summary>
    Left,

    /// <summary>The operation that was committed.</summary>
    Right,
}

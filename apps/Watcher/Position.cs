namespace Starling.Apps.Watcher;

/// <summary>Where a pointer is on its page: 0 is left and top, 65,535 right and bottom.</summary>
internal readonly record struct Position(ushort X, ushort Y);

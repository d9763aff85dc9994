using System.Runtime.InteropServices;
using SQLitePCL;

namespace Starling.Sqlite;

/// <summary>
/// Chooses the SQLite that is used: the system's where it is newer than the one that the package brings, since the package's is old and
/// cannot be updated by the system's administrator.
/// </summary>
internal static class SqliteLibrary
{
    private static readonly string[] SystemNames =
        OperatingSystem.IsWindows() ? ["winsqlite3.dll"] : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"] : ["libsqlite3.so.0", "libsqlite3.so"];

    private static readonly Lazy<bool> Initialized = new(static () =>
    {
        // One resolver for an assembly: if somebody else has set one, theirs is the choice.
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        }
        catch (InvalidOperationException)
        {
        }

        Batteries_V2.Init();
        return true;
    });

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();

    /// <summary>Loads the library; again and again does no harm.</summary>
    public static void Initialize() => _ = Initialized.Value;

    private static nint Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? path)
    {
        var system = SystemNames.Select(candidate => NativeLibrary.TryLoad(candidate, out var handle) ? handle : 0).FirstOrDefault(handle => handle != 0);
        if (!NativeLibrary.TryLoad(name, assembly, path, out var bundled))
        {
            return system;
        }

        if (system == 0 || Version(system) <= Version(bundled))
        {
            return bundled;
        }

        NativeLibrary.Free(bundled);
        return system;
    }

    private static int Version(nint library) =>
        Marshal.GetDelegateForFunctionPointer<VersionNumber>(NativeLibrary.GetExport(library, "sqlite3_libversion_number"))();
}

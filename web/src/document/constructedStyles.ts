import { StyleModule } from 'style-mod';

type Root = Document | ShadowRoot | DocumentOrShadowRoot;

interface MountedStyles {
  readonly sheet: CSSStyleSheet;
  modules: readonly StyleModule[];
}

const mounted = new WeakMap<Root, MountedStyles>();

/**
 * Lets CodeMirror's styles pass the content security policy. CodeMirror hands its style modules to
 * `StyleModule.mount`, which writes them into a `<style>` element, and `style-src 'self'` refuses that. Here they go
 * into a constructed style sheet, which is script-made and not subject to that rule. Call it before the first editor
 * is made.
 *
 * As in the original, modules of a later call come before the ones that are already there, and nothing is unmounted.
 */
export function mountStylesAsConstructedSheets(): void {
  StyleModule.mount = (root, modules) => {
    const wanted = Array.isArray(modules) ? modules as readonly StyleModule[] : [modules as StyleModule];
    const styles = mounted.get(root) ?? adopt(root);
    if (wanted.every((module) => styles.modules.includes(module))) return;
    styles.modules = [...wanted, ...styles.modules.filter((module) => !wanted.includes(module))];
    styles.sheet.replaceSync(styles.modules.map((module) => module.getRules()).join('\n'));
  };
}

function adopt(root: Root): MountedStyles {
  const styles: MountedStyles = { sheet: new CSSStyleSheet(), modules: [] };
  root.adoptedStyleSheets = [styles.sheet, ...root.adoptedStyleSheets];
  mounted.set(root, styles);
  return styles;
}

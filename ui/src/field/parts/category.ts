// The pictures of incident types, and the twelve that are a thumb away.
import Ambulance from '@lucide/svelte/icons/ambulance';
import Baby from '@lucide/svelte/icons/baby';
import CarFront from '@lucide/svelte/icons/car-front';
import Flame from '@lucide/svelte/icons/flame';
import HousePlug from '@lucide/svelte/icons/house';
import LifeBuoy from '@lucide/svelte/icons/life-buoy';
import Mountain from '@lucide/svelte/icons/mountain';
import Siren from '@lucide/svelte/icons/siren';
import TreePine from '@lucide/svelte/icons/tree-pine';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import UserSearch from '@lucide/svelte/icons/user-search';
import Waves from '@lucide/svelte/icons/waves';
import Wind from '@lucide/svelte/icons/wind';
import type { Component } from 'svelte';
import type { Category } from '../../generated/Category';

export const TILES: readonly { category: Category; icon: Component }[] = [
  { category: 'MED', icon: Ambulance },
  { category: 'LAKA-LUKA', icon: CarFront },
  { category: 'BANJIR', icon: Waves },
  { category: 'TENGGELAM', icon: LifeBuoy },
  { category: 'BAKAR-BGN', icon: Flame },
  { category: 'KARHUTLA', icon: TreePine },
  { category: 'LONGSOR', icon: Mountain },
  { category: 'ANGIN', icon: Wind },
  { category: 'MED-LAHIR', icon: Baby },
  { category: 'SAR', icon: UserSearch },
  { category: 'BGN-RUNTUH', icon: HousePlug },
  { category: 'KAMTIBMAS', icon: Siren },
];

export function iconOf(category: Category | null): Component {
  return TILES.find((tile) => tile.category === category)?.icon ?? TriangleAlert;
}
